"""The engine between Airbyte's messages and Fincome: spool, lifecycle, ledger, delivery, report (docs/architecture.md).

One coordinator thread owns all bookkeeping; a reader thread brings what arrives, workers bring what was answered.
"""
