"""How the API writes an entity's fields, where it isn't known to write them as the connector does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["major", "cents", "hundredths"]
"""What an amount counts: 12.5; the smallest unit of its currency (ISO 4217); hundredths, whatever the currency."""

DateForm = Literal["any", "date", "date-time"]
"""How an instant is written: as it is; as its day, in UTC; as a date-time, of a day its midnight in UTC."""


@dataclass(frozen=True)
class FieldForm:
    """One field on the wire.

    Attributes:
        name: what the API calls it.
        sent: whether the API has it at all.
        unit: of an amount of money; None for what is none.
        negative: an amount's sign is turned round.
        dates: of an instant; None for what is none.
        words: what the API calls the field's words, where it is another one.
        fields: of the objects in a list.
    """

    name: str
    sent: bool = True
    unit: Unit | None = None
    negative: bool = False
    dates: DateForm | None = None
    words: Mapping[str, str] | None = None
    fields: Mapping[str, FieldForm] | None = None

    def is_own(self, name: str) -> bool:
        """Tell whether the field, called `name` by the contract, is written as the connector writes it."""
        own_values = self.unit in (None, "major") and not self.negative and self.dates in (None, "any")
        inner = (self.fields or {}).items()
        return (
            self.name == name
            and self.sent
            and own_values
            and not self.words
            and all(form.is_own(inner_name) for inner_name, form in inner)
        )


@dataclass(frozen=True, eq=False)
class EntityForm:
    """One entity on the wire.

    Attributes:
        entity: its name, for messages.
        fields: all fields by the contract's names, custom properties among them.
        constants: what every object carries besides, by the API's names.
    """

    entity: str
    fields: Mapping[str, FieldForm]
    constants: Mapping[str, Any]

    @property
    def is_own(self) -> bool:
        """Tell whether objects are written as the connector writes them, so that nothing is to be translated."""
        return not self.constants and all(form.is_own(name) for name, form in self.fields.items())
