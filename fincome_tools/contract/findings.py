"""What a comparison comes to: one finding for each fact that was looked at, with its tag and its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from importlib import resources

import yaml

from destination_fincome.fincome.contract import Contract, Corrections, load_contract

FILE = "contract.yaml"


@dataclass(frozen=True)
class Fact:
    """A place in contract.yaml, such as `entities.customers.path`; `tag` is D, I or A, or empty for what has none."""

    place: str
    line: int
    tag: str

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}" + (f" [{self.tag}]" if self.tag else "")


class Facts:
    """All places of contract.yaml."""

    def __init__(self, text: str) -> None:
        self._facts: dict[str, Fact] = {}
        self._walk(yaml.compose(text, Loader=yaml.SafeLoader), "", 1, "")

    def _walk(self, node: yaml.Node | None, place: str, line: int, tag: str) -> None:
        if isinstance(node, yaml.MappingNode):
            tag = next((value.value for key, value in node.value if key.value == "tag"), tag)
            for key, value in node.value:
                self._walk(value, f"{place}.{key.value}".lstrip("."), key.start_mark.line + 1, tag)
        self._facts[place] = Fact(place, line, tag)

    def at(self, place: str) -> Fact:
        """Return a place's fact; of a place that the file doesn't have, the nearest one above it."""
        while place not in self._facts:
            place = place.rpartition(".")[0]
        return self._facts[place]


@lru_cache(maxsize=1)
def load_facts() -> Facts:
    """Read the packaged contract, once."""
    file = resources.files("destination_fincome.fincome").joinpath(FILE)
    return Facts(file.read_text(encoding="utf-8"))


class Result(Enum):
    """How reality stands to a fact."""

    AGREES = "agrees"
    DIFFERS = "differs"
    LEARNED = "learned"  # the contract leaves it open
    UNKNOWN = "not told"


@dataclass(frozen=True)
class Finding:
    """One fact, and what became of it.

    Attributes:
        subject: what was looked at, in words.
        believed: what the contract says.
        found: what the document says, or the API did.
        remedy: of a difference: what to do.
        by_config: what is believed isn't the contract's, but the config's in its place.
        corrections: what the setting `contract` can say of a difference, by place.
    """

    result: Result
    subject: str
    believed: str
    found: str
    fact: Fact
    remedy: str = ""
    by_config: bool = False
    corrections: Corrections = field(default_factory=dict)

    @property
    def confirms(self) -> bool:
        """Whether an assumption or an inference of the contract is a fact now."""
        return self.result is Result.AGREES and self.fact.tag in ("I", "A") and not self.by_config

    @property
    def settles(self) -> str:
        """What it does to the fact: an assumption or an inference is confirmed, a fact contradicted."""
        if self.by_config:
            does = "confirms" if self.result is Result.AGREES else "doesn't confirm"
            return f"{does} the config, which corrects {self.fact}"
        if self.result is Result.DIFFERS:
            return f"contradicts {self.fact}"
        if self.confirms:
            return f"confirms {self.fact}"
        return str(self.fact)

    def as_json(self) -> dict[str, object]:
        """Return it for machines."""
        return {
            "result": self.result.value,
            "subject": self.subject,
            "contract": self.believed,
            "found": self.found,
            "place": self.fact.place,
            "line": self.fact.line,
            "tag": self.fact.tag,
            "by_config": self.by_config,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Setting:
    """A setting of the connector that applies a finding without a new release."""

    name: str
    value: str

    def __str__(self) -> str:
        return f'set `{self.name}` to "{self.value}"'


def corrected(contract: Contract) -> set[str]:
    """Return the places at which a config corrects the contract."""
    packaged = load_contract()
    pairs = {
        "access.base_url": (contract.base_url, packaged.base_url),
        "access.api_key_header": (contract.api_key_header, packaged.api_key_header),
        "access.api_key_prefix": (contract.api_key_prefix, packaged.api_key_prefix),
        **{
            f"entities.{name}.path": (spec.path, packaged.entities[name].path)
            for name, spec in contract.entities.items()
        },
    }
    return {place for place, (one, other) in pairs.items() if one != other}


def is_said(place: str, said: Corrections) -> bool:
    """Tell whether what is believed at a place is the config's, and not the contract's."""
    return any(".".join(one) == place or ".".join(one).startswith(f"{place}.") for one in said)


def edit(fact: Fact, what: str = "") -> str:
    """Say that a fact can be corrected in the file only."""
    return f"edit {FILE}, line {fact.line}" + (f": {what}" if what else "")


def corrections_of(findings: Iterable[Finding]) -> Corrections:
    """Return what all findings would have the setting `contract` say."""
    return {place: value for one in findings for place, value in one.corrections.items()}


def differing(findings: list[Finding]) -> Iterator[Finding]:
    """Yield the findings that contradict the contract."""
    return (finding for finding in findings if finding.result is Result.DIFFERS)
