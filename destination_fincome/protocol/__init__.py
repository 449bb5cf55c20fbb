"""The platform's edge: bytes in, messages out, exactly as Airbyte demands (docs/architecture.md).

Knows nothing of billing, of Fincome or of HTTP. States travel as the dictionaries they came as, because the
platform puts keys on them (`id`) that typed models would drop.
"""
