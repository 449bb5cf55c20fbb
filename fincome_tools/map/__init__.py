"""The command `fincome map`: texts for the setting `mapping`."""
