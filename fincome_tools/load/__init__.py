"""`fincome load`: files into Fincome by the connector's own engine, for people without Airbyte."""
