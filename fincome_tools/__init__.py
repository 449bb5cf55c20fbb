"""People's commands around the connector: preview, contract, demo. The connector knows nothing of them."""
