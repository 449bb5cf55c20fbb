"""What a probe has learned so far: corrections that were seen to work, and the contract that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from destination_fincome.fincome.contract import Contract, Corrections, corrected_contract
from fincome_tools.contract.calls import Caller
from fincome_tools.contract.findings import is_said


class Learned:
    """Corrections on top of those of the config; the caller speaks as they say."""

    def __init__(self, caller: Caller, said: Corrections) -> None:
        self._caller = caller
        self._base_url = caller.contract.base_url
        self._said = dict(said)
        self._found: dict[tuple[str, ...], Any] = {}

    @property
    def found(self) -> Corrections:
        """What was learned."""
        return dict(self._found)

    @property
    def all(self) -> Corrections:
        """The same with what the config says."""
        return {**self._said, **self._found}

    def is_said(self, place: str) -> bool:
        """Tell whether what is believed at a place is the config's, and not the contract's."""
        return is_said(place, self._said)

    @property
    def contract(self) -> Contract:
        """The contract as it is known now."""
        return self._caller.contract

    def take(self, corrections: Mapping[tuple[str, ...], Any]) -> None:
        """Go on by these corrections; an enum's words are added to those known before."""
        for place, value in corrections.items():
            before = self._found.get(place)
            if isinstance(before, dict) and isinstance(value, dict):
                self._found[place] = {**before, **value}
            else:
                self._found[place] = value
        self._speak(self.all)

    def forget(self, places: Iterable[tuple[str, ...]]) -> None:
        """Go on without some corrections."""
        for place in places:
            self._found.pop(place, None)
        self._speak(self.all)

    @contextmanager
    def trying(self, corrections: Mapping[tuple[str, ...], Any]) -> Iterator[None]:
        """Speak by further corrections while the block runs."""
        self._speak({**self.all, **corrections})
        try:
            yield
        finally:
            self._speak(self.all)

    def _speak(self, corrections: Corrections) -> None:
        self._caller.speak(corrected_contract(corrections).with_overrides(self._base_url))
