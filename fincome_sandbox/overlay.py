"""A text that corrects the contract, as the connector's setting `contract` has it: read with the sandbox's own code.

It is laid over the facts of contract.yaml. What isn't known is refused with its place, so that nothing is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

import yaml

from fincome_sandbox.listing import NONE, PAGES

Facts: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Any], Any]


class OverlayError(ValueError):
    """The text can't be laid over the contract."""


def laid_over(facts: Facts, text: str) -> Facts:
    """The contract's facts with what the text says of them.

    Raises:
        OverlayError: it says something unknown.
    """
    try:
        # Everything is text at first: `no` may be a word.
        said = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (the loader that makes nothing but texts)
    except yaml.YAMLError as error:
        raise OverlayError(f"It isn't YAML: {error}") from error
    if not isinstance(said, dict) or said.pop("version", None) != "1":
        raise OverlayError("It has to be a mapping with `version: 1`")
    result = deepcopy(facts)
    _merge(result, said, _shape(facts), "")
    return result


def _merge(target: Facts, said: Any, shape: Mapping[str, Any], place: str) -> None:
    if not isinstance(said, dict):
        raise OverlayError(f"{place or 'It'} has to be a mapping")
    for name, value in said.items():
        here = f"{place}.{name}".lstrip(".")
        if name == "tag":
            continue
        known = shape.get(name) or (_new_field(value) if place.endswith(".fields") else None)
        if known is None:
            raise OverlayError(f"{here} isn't known")
        if isinstance(known, Mapping):
            _merge(target.setdefault(name, {}), value, known, here)
        else:
            _set(target, name, _read(known, value, here))


def _set(target: Facts, name: str, value: Any) -> None:
    if name == "enum" and isinstance(value, dict):
        target["words"] = value
    elif isinstance(target.get(name), dict):
        # {value, tag}, and the one fact that is called otherwise.
        target[name]["clear" if name == "nulls" else "value"] = value
    else:
        target[name] = value


def _read(read: Reader, value: Any, place: str) -> Any:
    if isinstance(value, dict) and read is not _enum:
        (value,) = [inner for name, inner in value.items() if name in ("value", "clear")] or [None]
    try:
        return read(value)
    except (ValueError, TypeError) as error:
        raise OverlayError(f"{place}: {error}") from error


# --- values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("it has to be one value")
    return value


def _truth(value: Any) -> bool:
    known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if _text(value).lower() not in known:
        raise ValueError("it has to be true or false")
    return known[value.lower()]


def _repeated(value: Any) -> bool | str:
    return value if value in ("ignores", "doubles") else _truth(value)


def _one_of(*choices: str) -> Reader:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"it has to be one of {', '.join(choices)}")
        return str(value)

    return read


def _texts(value: Any) -> list[str]:
    return [_text(item) for item in (value if isinstance(value, list) else [value])]


def _enum(value: Any) -> list[str] | dict[str, str]:
    return {name: _text(word) for name, word in value.items()} if isinstance(value, dict) else _texts(value)


def _statuses(value: Any) -> list[int]:
    return [int(text) for text in _texts(value)]


def _whole(value: Any) -> int:
    return int(_text(value))


def _minimum(value: Any) -> int | None:
    return None if value == "none" else int(_text(value))


# --- what may be said


_UNIT = _one_of("major", "cents", "hundredths")
_DATES = _one_of("any", "date", "date-time")
_OPERATION = {"verb": _text, "path": _text, "absent": _truth, "partial": _truth}
_LIST = {
    "pages": _one_of(*PAGES, NONE),
    "omits_empty": _truth,
    **dict.fromkeys(("first", "size"), _whole),
    **dict.fromkeys(("path", "parameter", "size_parameter", "items", "next", "more", "query"), _text),
}
_OPERATIONS = {"create": _OPERATION, "update": _OPERATION, "retrieve": _OPERATION, "list": _LIST}
_ANSWER = {"statuses": _statuses, "detail": _text, "detail_matches": _text, "words": _texts}
_FIELD = {
    "name": _text,
    "absent": _truth,
    "required": _truth,
    "enum": _enum,
    "unit": _UNIT,
    "sign": _one_of("positive", "negative"),
    "form": _DATES,
    "minimum": _minimum,
}
_NEW_FIELD = {"name": _text, "type": _text, "required": _truth, "constant": _text}


def _new_field(value: Any) -> Mapping[str, Any] | None:
    return _NEW_FIELD if isinstance(value, dict) and {"type", "constant"} & value.keys() else None


def _fields(facts: Facts) -> dict[str, Any]:
    return {
        name: {**_FIELD, "fields": _fields(field["fields"])} if "fields" in field else _FIELD
        for name, field in facts.items()
    }


def _shape(facts: Facts) -> dict[str, Any]:
    """What a text may say, made of the contract that it is laid over."""
    properties = {"name": _text, "absent": _truth}
    return {
        "access": {"api_key_header": _text, "api_key_prefix": _text},
        "operations": _OPERATIONS,
        "amounts": _UNIT,
        "dates": _DATES,
        "nulls": _truth,
        "custom_properties": properties,
        # What is inside of a success, and what objects are called, only tells a client how to read.
        "errors": {"key": _text, "inside": {"keys": _texts, "flags": _texts}},
        "answers": dict.fromkeys(facts["answers"], _ANSWER),
        "entities": {
            name: {
                "path": _text,
                "called": _texts,
                "post_updates": _repeated,
                "retrievable": _truth,
                "absent": _truth,
                "amounts": _UNIT,
                "dates": _DATES,
                "operations": _OPERATIONS,
                "fields": {**_fields(entity["fields"]), "custom_properties": properties},
            }
            for name, entity in facts["entities"].items()
        },
    }
