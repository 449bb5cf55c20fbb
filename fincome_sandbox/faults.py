"""The faults that the sandbox can be asked for: names, defaults, ranges and words. Knows no server.

None of them is published by Fincome. They are what a client of any HTTP API meets, and what fincome-api.md leaves
open: rate limits ("nothing published … 429 possible"), the answer to a wrong key ("401 or 403"), to an id that is
taken ("409, or 422/400 whose detail says so"), to a parent that is not there yet ("an update may be asynchronous").

The same names serve the command line (with dashes), `PUT /_sandbox/faults`, and the counts in the summary.
"""

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

RetryAfterForm: TypeAlias = Literal["seconds", "date", "none"]
UnknownReferenceForm: TypeAlias = Literal["422", "404", "409", "400"]
ExistsForm: TypeAlias = Literal["409", "422", "400"]

_HOUR_MS = 3_600_000
_KEY = "option"


class FaultsError(ValueError):
    """Options that are unknown or out of range. `problems` says of each name what is wrong, quoting no value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Option:
    """What can be said for one fault: a number from `least` to `most`, or one of `choices`."""

    help: str
    kind: type[float] | type[str]
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    can_be_none: bool = False

    def problem(self, value: object) -> str | None:
        """What is wrong with the value, if anything."""
        if value is None and self.can_be_none:
            return None
        if self.choices:
            return None if value in self.choices else f"Input should be one of: {', '.join(self.choices)}"
        if isinstance(value, bool) or not isinstance(value, int if self.kind is int else (int, float)):
            return "Input should be a whole number" if self.kind is int else "Input should be a number"
        assert isinstance(value, int | float)
        if not (-math.inf if self.least is None else self.least) <= value <= (self.most or math.inf):
            return f"Input should be {self.range}"
        return None

    @property
    def range(self) -> str:
        """The range in words."""
        return f"{self.least} or more" if self.most is None else f"from {self.least} to {self.most}"


def _number(help_: str, least: float | None, most: float | None, kind: type[float] = float) -> dict[str, Option]:
    return {_KEY: Option(help_, kind, least, most)}


def _rate(help_: str) -> dict[str, Option]:
    return _number(help_, 0, 1)


def _form(help_: str, literal: object) -> dict[str, Option]:
    return {_KEY: Option(help_, str, choices=get_args(literal))}


@dataclass(frozen=True)
class Faults:
    """One choice of faults; `Faults()` is none at all.

    Rates are shares of the API's requests from 0 to 1, drawn for each request from a random of its own that
    `fault_seed` seeds: the n-th request since the faults were set has the same fate in every run, and one rate
    doesn't change the draws of another. What applies first, if several do: rate_limit, reset_rate, hang_rate,
    unavailable_rate, dead_key_after, error_rate, then (the request has been done) lost_answer_rate, truncate_rate.

    Raises:
        FaultsError: if a value is out of its range.
    """

    latency_ms: float = field(
        default=0.0, metadata=_number("Each answer takes at least so many milliseconds.", 0, _HOUR_MS)
    )
    latency_jitter_ms: float = field(
        default=0.0,
        metadata=_number("Each answer takes up to so many milliseconds more, drawn evenly.", 0, _HOUR_MS),
    )
    rate_limit: float | None = field(
        default=None,
        metadata=_number(
            "Requests per second, with bursts of a tenth of it (at least 1); what is above gets 429. All API requests"
            " count when they arrive, whatever their answer, but for those that get 429.",
            0.01,
            1_000_000,
        ),
    )
    # Seconds or an HTTP date: RFC 9110, 10.2.3.
    retry_after_form: RetryAfterForm = field(
        default="seconds", metadata=_form("How a 429 says when to come back.", RetryAfterForm)
    )
    error_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that get 500 with an HTML page; nothing is written.")
    )
    unavailable_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that get 503 with Retry-After: 1; nothing is written.")
    )
    lost_answer_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that are done, and then get a reset instead of their answer.")
    )
    reset_rate: float = field(
        default=0.0, metadata=_rate("Share of requests whose connection is reset before anything is done.")
    )
    truncate_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that are done, and whose 200, 201 or 202 is cut in its body.")
    )
    hang_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that are read and never answered; nothing is written.")
    )
    visibility_lag_ms: float = field(
        default=0.0,
        metadata=_number(
            "An object that was created or updated is so long unknown to GET (404) and to references (422); its id is"
            " taken at once.",
            0,
            _HOUR_MS,
        ),
    )
    dead_key_after: int | None = field(
        default=None,
        metadata=_number("After so many API requests, whatever their answer, the key gets 401.", 0, None, int),
    )
    unknown_reference_form: UnknownReferenceForm = field(
        default="422",
        metadata=_form("The answer to an unknown reference; all but 422 say it as a text.", UnknownReferenceForm),
    )
    exists_form: ExistsForm = field(
        default="409", metadata=_form("The answer to a POST of an id that is taken; 422 is a list.", ExistsForm)
    )
    fault_seed: int = field(
        default=0, metadata=_number("Seeds all that is drawn: the same seed, the same faults.", None, None, int)
    )

    def __post_init__(self) -> None:
        """Refuse what is out of range, all of it at once."""
        problems = {name: option.problem(getattr(self, name)) for name, option in OPTIONS.items()}
        if found := {name: problem for name, problem in problems.items() if problem}:
            raise FaultsError(found)

    def __str__(self) -> str:
        """What differs from no faults, e.g. `latency_ms=20 error_rate=0.1`."""
        return " ".join(f"{name}={value}" for name, value in self.as_json().items() if value != _DEFAULTS[name])

    def as_json(self) -> dict[str, float | int | str | None]:
        """All options by name."""
        return {name: getattr(self, name) for name in OPTIONS}


def faults_of(given: object) -> Faults:
    """The faults that a JSON object names; what it doesn't name is as without faults. A form may be a number.

    Raises:
        FaultsError: if it isn't an object, or names an unknown option or a value out of range.
    """
    if not isinstance(given, dict):
        raise FaultsError({"": "Input should be a JSON object"})
    unknown = {str(name): "Unknown fault" for name in given if name not in OPTIONS}
    try:
        faults = Faults(**{name: _plain(name, value) for name, value in given.items() if name in OPTIONS})
    except FaultsError as error:
        raise FaultsError({**unknown, **error.problems}) from error
    if unknown:
        raise FaultsError(unknown)
    return faults


def _plain(name: str, value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if OPTIONS[name].choices and type(value) is int else value


def _option(one: "Field[Any]") -> Option:
    option = one.metadata[_KEY]
    assert isinstance(option, Option)
    return replace(option, can_be_none=one.default is None)


OPTIONS: Mapping[str, Option] = {one.name: _option(one) for one in fields(Faults)}
_DEFAULTS: Mapping[str, object] = {one.name: one.default for one in fields(Faults)}
