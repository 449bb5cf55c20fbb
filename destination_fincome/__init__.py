"""Airbyte destination for Fincome: billing data of any source, into a correct Fincome account."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from destination_fincome.destination import DestinationFincome

__all__ = ["DestinationFincome"]


def __getattr__(name: str) -> object:
    """Import the destination when it is asked for: Airbyte's tools look for it here, and `spec` goes without it."""
    if name == "DestinationFincome":
        from destination_fincome.destination import DestinationFincome

        return DestinationFincome
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
