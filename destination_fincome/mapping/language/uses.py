"""What expressions do with a record's columns: which they read, look into, hold for true or false, take for numbers.

That tells what a column's value has to be where all that arrives is text: a warehouse gives nested values back as JSON
text, and some give numbers and booleans as text too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from destination_fincome.mapping.language.syntax import tree

Node = Mapping[str, Any]

# The value of an expression, as far as it comes from the record: names of columns, the record itself, an element of one
# of its lists, and columns that are members of a list or an object that the expression makes.
RECORD = object()
ELEMENT = object()


@dataclass(frozen=True)
class Member:
    """A column in a list or an object that an expression makes."""

    column: str


Flow = frozenset[Any]
NOTHING: Flow = frozenset()

# Functions that give back what they are given, by the positions of those arguments; None: all of them.
_PASS_ON: Mapping[str, tuple[int, ...] | None] = {
    "coalesce": None,
    "not_null": None,
    "when": (1, 2),
    "ref": (0,),
    "to_array": (0,),
}
# Functions that look into objects or lists, by the positions of those arguments; None: all of them.
_LOOK_INTO: Mapping[str, tuple[int, ...] | None] = {
    "element": (0,),
    "with_next": (0,),
    "map": (1,),
    "sum": (0,),
    "properties": (0,),
    "allocate": (1,),
    "after_discounts": (0, 1),
}
# The same, but what they are given may be a text as well.
_MAY_LOOK_INTO: Mapping[str, tuple[int, ...] | None] = {
    "ref": (0,),
    "merge": None,
    "keys": (0,),
    "values": (0,),
    "length": (0,),
    "reverse": (0,),
    "contains": (0,),
    "join": (1,),
    "max": (0,),
    "min": (0,),
    "avg": (0,),
    "sort": (0,),
    "sort_by": (0,),
    "max_by": (0,),
    "min_by": (0,),
}
_CALCULATE = frozenset(["add", "subtract", "multiply", "divide"])
_ORDER = frozenset(["lt", "lte", "gt", "gte"])


@dataclass
class Uses:
    """What several expressions do with the columns of their record.

    Attributes:
        read: those that they read at all.
        opened: those that they look into: objects or lists.
        perhaps_opened: those that are objects or lists, or texts.
        flags: those compared with true or false.
        tested: those held for true or false, as a condition does.
        kept: those that a field may take as they are.
        numbers: those compared with numbers.
        words: those compared with texts.
        calculated: those that are calculated with.
        given: those that other functions make something of.
    """

    read: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    perhaps_opened: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    tested: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    calculated: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)

    @property
    def conditions(self) -> set[str]:
        """Those that are nothing but true or false, whatever their value is written as."""
        others = self.numbers | self.calculated | self.given | self.opened
        return (self.flags | (self.tested - self.kept - self.words)) - others

    def value(self, text: str, scope: Scope) -> Flow:
        """Follow an expression, and return what its value may be."""
        return _Walk(self, scope).of(tree(text), scope.given)

    def keep(self, text: str, scope: Scope) -> None:
        """Follow an expression whose value is kept as it is."""
        self.kept |= _columns(self.value(text, scope))

    def test(self, text: str, scope: Scope) -> None:
        """Follow a condition."""
        self.tested |= _columns(self.value(text, scope))

    def open(self, text: str, scope: Scope) -> Flow:
        """Follow an expression whose value is an object or a list; return what the list's elements may be."""
        found = self.value(text, scope)
        self.opened |= _columns(found)
        elements = frozenset(item.column for item in found if isinstance(item, Member))
        self.opened |= elements
        return elements | (found & {RECORD})

    def compare(self, text: str, scope: Scope) -> None:
        """Follow the expression of a version, for which points in time are calculated with as numbers."""
        before = set(self.calculated)
        self.value(text, scope)
        self.numbers |= self.calculated - before

    def perhaps_open(self, text: str, scope: Scope) -> None:
        """Follow an expression whose value may be an object."""
        self.perhaps_opened |= _columns(self.value(text, scope))


@dataclass(frozen=True)
class Scope:
    """What an expression sees: a record, or an element of one of its lists.

    Attributes:
        given: what its names are looked up in.
        of_record: what the values may be that the record's own helpers (`let`) have.
        of_element: the same of what an element has besides its members.
    """

    given: Flow = frozenset([RECORD])
    of_record: Mapping[str, Flow] = field(default_factory=dict)
    of_element: Mapping[str, Flow] = field(default_factory=dict)

    def with_helper(self, name: str, value: Flow) -> Scope:
        """Return the scope with one helper more."""
        if ELEMENT in self.given:
            return replace(self, of_element={**self.of_element, name: value})
        return replace(self, of_record={**self.of_record, name: value})

    def element(self, elements: Flow, record: str) -> Scope:
        """Return what an element of a list sees.

        Args:
            elements: what the elements may be.
            record: the name that the record has for them.
        """
        inside = {**self.of_element, record: frozenset([RECORD])}
        return replace(self, given=frozenset([ELEMENT]) | (elements & {RECORD}), of_element=inside)


def _columns(flow: Iterable[Any]) -> set[str]:
    return {item for item in flow if isinstance(item, str)}


class _Walk:
    """Follows one expression through its tree."""

    def __init__(self, uses: Uses, scope: Scope) -> None:
        self._uses = uses
        self._scope = scope

    def of(self, node: Node, given: Flow) -> Flow:
        """Return what a node's value may be, applied to what `given` may be."""
        children = node["children"]
        match node["type"]:
            case "field":
                return self._field(node["value"], given)
            case "identity" | "current":
                return given
            case "literal":
                return NOTHING
            case "or_expression":
                return self.of(children[0], given) | self.of(children[1], given)
            case "and_expression":
                self._test(children[0], given)
                return self.of(children[1], given)
            case "not_expression":
                self._test(children[0], given)
                return NOTHING
            case "comparator":
                return self._comparison(node, given)
            case "multi_select_list":
                return self._members(children, given)
            case "multi_select_dict":
                return self._members([pair["children"][0] for pair in children], given)
            case "function_expression":
                return self._call(node["value"], children, given)
            case "subexpression" | "index_expression" | "pipe":
                for child in children:
                    given = self.of(child, given)
                return given
            case _:  # an index, and what makes a list of a list
                return self._inside(node, given)

    def _field(self, name: str, given: Flow) -> Flow:
        found: set[Any] = set()
        for item in given:
            if isinstance(item, Member):
                found.add(item.column)
            elif isinstance(item, str):
                self._uses.opened.add(item)
        if ELEMENT in given and name in self._scope.of_element:
            found |= self._scope.of_element[name]
        elif RECORD in given and name in self._scope.of_record:
            found |= self._scope.of_record[name]
        elif RECORD in given:
            self._uses.read.add(name)
            found.add(name)
        return frozenset(found)

    def _inside(self, node: Node, given: Flow) -> Flow:
        if node["type"] in ("index", "slice"):
            self._uses.opened |= _columns(given)
            return frozenset(item.column for item in given if isinstance(item, Member))
        base, *others = [child for child in node["children"] if isinstance(child, dict)]
        found = self.of(base, given)
        self._uses.opened |= _columns(found)
        elements: Flow = frozenset(item.column for item in found if isinstance(item, Member)) | (found & {RECORD})
        results = [self.of(other, elements) if elements else NOTHING for other in others[:1]]
        for condition in others[1:]:
            self._test(condition, elements)
        made = results[0] if results else elements
        return frozenset(Member(item) if isinstance(item, str) else item for item in made)

    def _test(self, node: Node, given: Flow) -> None:
        if given:
            self._uses.tested |= _columns(self.of(node, given))

    def _comparison(self, node: Node, given: Flow) -> Flow:
        for one, other in (node["children"], node["children"][::-1]):
            found = _columns(self.of(one, given))
            literal = other["value"] if other["type"] == "literal" else None
            if isinstance(literal, bool):
                self._uses.flags |= found
            elif node["value"] in _ORDER or isinstance(literal, (int, float)):
                self._uses.numbers |= found
            elif isinstance(literal, str):
                self._uses.words |= found
        return NOTHING

    def _members(self, nodes: Iterable[Node], given: Flow) -> Flow:
        found = frozenset().union(*(self.of(node, given) for node in nodes))
        return frozenset(Member(item) if isinstance(item, str) else item for item in found)

    def _call(self, name: str, arguments: list[Node], given: Flow) -> Flow:
        flows = [NOTHING if one["type"] == "expref" else self.of(one, given) for one in arguments]
        if name == "when":
            self._uses.tested |= _columns(flows[0])
        if name == "lookup" and _is_of_flags(arguments[1]):
            self._uses.flags |= _columns(flows[0])
        if name in _CALCULATE:
            self._uses.calculated |= _columns(frozenset().union(*flows))
        elif name in ("lookup", "one_of"):
            self._uses.words |= _columns(flows[0])
        elif name not in _PASS_ON:
            self._uses.given |= _columns(frozenset().union(*flows))
        self._uses.opened |= _columns(_chosen(_LOOK_INTO, name, flows))
        self._uses.perhaps_opened |= _columns(_chosen(_MAY_LOOK_INTO, name, flows))
        return _chosen(_PASS_ON, name, flows)


def _chosen(functions: Mapping[str, tuple[int, ...] | None], name: str, flows: list[Flow]) -> Flow:
    positions = functions.get(name, ())
    chosen = flows if positions is None else [flows[at] for at in positions if at < len(flows)]
    return frozenset().union(*chosen)


def _is_of_flags(table: Node) -> bool:
    """Tell whether a table of words is one of true and false."""
    words = table["value"] if table["type"] == "literal" else None
    return isinstance(words, dict) and bool(words) and words.keys() <= {"true", "false"}
