"""What Fincome last confirmed, kept from sync to sync: what is the same again costs no request."""
