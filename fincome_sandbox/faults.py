"""The faults that the sandbox can be asked for: names, defaults, ranges and words. Knows no server.

None of them is published by Fincome. They are what a client of any HTTP API meets, and what its documentation leaves
open: rate limits ("nothing published … 429 possible"), the answer to a wrong key ("401 or 403"), to an id that is
taken ("409, or 422/400 whose detail says so"), to a parent that is not there yet ("an update may be asynchronous").

The same names serve the command line (with dashes), `PUT /_sandbox/faults`, and the counts in the summary.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

RetryAfterForm: TypeAlias = Literal["seconds", "date", "none", "zero", "negative", "past", "nan", "centuries"]
UnknownReferenceForm: TypeAlias = Literal["422", "404", "409", "400", "500", "unknown", "french", "404-bare"]
ExistsForm: TypeAlias = Literal["409", "422", "400", "500", "unknown", "french"]
MissingForm: TypeAlias = Literal["404", "404-bare", "400", "422", "500", "null", "list", "204"]
NameForm: TypeAlias = Literal["words", "snake", "camel"]
KeyForm: TypeAlias = Literal["401", "403", "422", "query"]
IdType: TypeAlias = Literal["text", "integer"]
VerbForm: TypeAlias = Literal["405", "404"]
GatewayForm: TypeAlias = Literal[
    "502", "403", "404", "421", "423", "425", "520", "524", "527", "403-json", "404-json", "404-text", "423-detail"
]
PoisonForm: TypeAlias = Literal["500", "403", "403-detail"]
AlteredForm: TypeAlias = Literal["hundredth", "hundredfold", "negated", "day-earlier", "day-only"]
UpdateVerb: TypeAlias = Literal["contract", "PATCH", "PUT", "none"]
SlashForm: TypeAlias = Literal["contract", "redirect"]
UnreadableForm: TypeAlias = Literal["405", "404", "403"]
IdRouting: TypeAlias = Literal["whole", "plain"]
IdInUpdates: TypeAlias = Literal["taken", "refused"]
AnswerForm: TypeAlias = Literal["object", "envelope", "id", "empty", "error"]

_HOUR_MS = 3_600_000
_KEY = "option"
_FIELDS = r"\w+(\.\w+)+(,\w+(\.\w+)+)*"


class FaultsError(ValueError):
    """Options that are unknown or out of range. `problems` says of each name what is wrong, quoting no value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Option:
    """What can be said for one fault: a number from `least` to `most`, one of `choices`, or a text of `pattern`."""

    help: str
    kind: type[float] | type[str]
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    can_be_none: bool = False

    def problem(self, value: object) -> str | None:
        """What is wrong with the value, if anything."""
        if value is None and self.can_be_none:
            return None
        if self.choices:
            return None if value in self.choices else f"Input should be one of: {', '.join(self.choices)}"
        if self.pattern:
            fits = isinstance(value, str) and re.fullmatch(self.pattern, value)
            return None if fits else f"Input should fit {self.pattern}"
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


def _names(help_: str, pattern: str = r"\w+(,\w+)*") -> dict[str, Option]:
    return {_KEY: Option(help_, str, pattern=pattern)}


@dataclass(frozen=True)
class Faults:
    """One choice of faults; `Faults()` is none at all.

    Rates are shares of the API's requests from 0 to 1, drawn for each request from a random of its own that
    `fault_seed` seeds: the n-th request since the faults were set has the same fate in every run, and one rate
    doesn't change the draws of another. What applies first, if several do: burst_seconds, rate_limit,
    reset_rate, hang_rate, unavailable_rate, gateway_rate, dead_key_after, error_rate, then (the request has been done)
    lost_answer_rate, truncate_rate, drip_rate, interim_rate.

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
    rate_window_seconds: float | None = field(
        default=None,
        metadata=_number(
            "The rate limit counts in fixed windows of so many seconds instead: each lets so many requests pass as the"
            " limit allows in it, at any moment.",
            0.01,
            3600,
        ),
    )
    burst_seconds: float | None = field(
        default=None,
        metadata=_number("For so many seconds after the faults are set, all requests get 429.", 0.01, 3600),
    )
    burst_every_seconds: float | None = field(
        default=None, metadata=_number("Such a burst comes again every so many seconds.", 0.01, 3600)
    )
    # Seconds or an HTTP date: RFC 9110, 10.2.3. The others are what servers can get wrong.
    retry_after_form: RetryAfterForm = field(
        default="seconds", metadata=_form("How a 429 says when to come back.", RetryAfterForm)
    )
    error_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that get 500 with an HTML page; nothing is written.")
    )
    unavailable_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that get 503 with Retry-After: 1; nothing is written.")
    )
    gateway_rate: float = field(
        default=0.0,
        metadata=_rate("Share of requests that get a gateway's answer, as `gateway_form` says; nothing is written."),
    )
    gateway_form: GatewayForm = field(
        default="502",
        metadata=_form(
            "A gateway's answer with that status: a page of HTML, text, JSON, or JSON with a `detail`.", GatewayForm
        ),
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
    drip_rate: float = field(
        default=0.0, metadata=_rate("Share of requests that are done, and whose answer comes at a byte a second.")
    )
    interim_rate: float = field(
        default=0.0, metadata=_rate("Share of requests whose answer comes after an interim one (103).")
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
        metadata=_form(
            "The answer to an unknown reference; all but 422 say it as a text, `unknown` in words that nobody knows,"
            " `french` in French, 404-bare as of a path that isn't there.",
            UnknownReferenceForm,
        ),
    )
    exists_form: ExistsForm = field(
        default="409",
        metadata=_form(
            "The answer to a POST of an id that is taken; 422 is a list, `unknown` says it in words that nobody knows,"
            " `french` in French.",
            ExistsForm,
        ),
    )
    missing_form: MissingForm = field(
        default="404",
        metadata=_form(
            "The answer to a GET of what isn't there: a status, or an empty answer; 404-bare: as of a path that isn't"
            " there, to updates too.",
            MissingForm,
        ),
    )
    name_form: NameForm = field(
        default="words",
        metadata=_form("How refusals call objects: Invoice line, invoice_line or InvoiceLine.", NameForm),
    )
    key_form: KeyForm = field(
        default="401",
        metadata=_form(
            "The answer to a wrong key; 422 is that to a header that isn't there, as FastAPI checks it; query: the key"
            " is expected in the address, as `api_key`.",
            KeyForm,
        ),
    )
    id_type: IdType = field(default="text", metadata=_form("integer: ids that aren't whole numbers get 422.", IdType))
    poison_id: str | None = field(
        default=None, metadata=_names("The object with this id always gets what `poison_form` says.", r".+")
    )
    poison_form: PoisonForm = field(
        default="500", metadata=_form("500 of the API, 403 with a firewall's page, or the API's own 403.", PoisonForm)
    )
    dropped_fields: str | None = field(
        default=None,
        metadata=_names("These fields are accepted and not stored: plans.amount,plans.currency", _FIELDS),
    )
    rounded_fields: str | None = field(
        default=None, metadata=_names("These amounts are stored without their decimals: plans.amount", _FIELDS)
    )
    altered_fields: str | None = field(
        default=None,
        metadata=_names("These fields are stored with another value, as `altered_form` says: invoices.amount", _FIELDS),
    )
    altered_form: AlteredForm = field(
        default="hundredth", metadata=_form("What is stored of an amount, or of a date.", AlteredForm)
    )
    refused_nulls: str | None = field(
        default=None, metadata=_names("A null in these fields gets 422: invoices.due_date", _FIELDS)
    )
    ignored_posts: str | None = field(
        default=None, metadata=_names("Kinds of objects whose POST on an existing id gets 200 and changes nothing.")
    )
    ignored_updates: str | None = field(
        default=None, metadata=_names("Kinds of objects whose updates get 202 and change nothing.")
    )
    lost_creates: str | None = field(
        default=None, metadata=_names("Kinds of objects whose POST gets 202 and stores nothing.")
    )
    update_creates: str | None = field(
        default=None, metadata=_names("Kinds of objects whose updates create what isn't there, whatever it lacks.")
    )
    unchecked_references: str | None = field(
        default=None, metadata=_names("Kinds of objects that may refer to what isn't there.")
    )
    known_properties: str | None = field(
        default=None, metadata=_names("Only these custom properties exist, others get 422: segment,nps")
    )
    uncreatable: str | None = field(
        default=None, metadata=_names("Kinds of objects that have no POST (405): customers,plans")
    )
    update_verb: UpdateVerb = field(
        default="contract", metadata=_form("The verb of updates; others get what `verb_form` says.", UpdateVerb)
    )
    verb_form: VerbForm = field(
        default="405",
        metadata=_form("The answer to another verb; 404 is that of a path that isn't there.", VerbForm),
    )
    id_in_updates: IdInUpdates = field(
        default="taken", metadata=_form("An update whose body has the id gets 422, if refused.", IdInUpdates)
    )
    slash_form: SlashForm = field(
        default="contract",
        metadata=_form("redirect: collections are at paths with a slash at their end, others get 307.", SlashForm),
    )
    unreadable: str | None = field(
        default=None, metadata=_names("Kinds of objects that have no GET by id: plans,invoices")
    )
    unreadable_form: UnreadableForm = field(
        default="405",
        metadata=_form(
            "The answer to such a GET; 404 is that of a path that isn't there, 403 that of a key that may not read.",
            UnreadableForm,
        ),
    )
    id_routing: IdRouting = field(
        default="whole",
        metadata=_form("plain: an id with a slash finds no route (404), as in a plain FastAPI application.", IdRouting),
    )
    answer_form: AnswerForm = field(
        default="object",
        metadata=_form(
            "What the answer to a write holds: the object, in an envelope, its id, nothing (204), or an error inside of"
            " a 200, with nothing written.",
            AnswerForm,
        ),
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
