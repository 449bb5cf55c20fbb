"""Holds the contract against what Fincome says and does: `fincome contract check` and `fincome contract probe`."""
