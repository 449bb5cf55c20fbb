"""Airbyte destination for Fincome: billing data of any source, into a correct Fincome account."""
