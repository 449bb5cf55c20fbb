"""Names of tables without what tells the files of one export apart: `factures_2026-02.csv` is the next `factures`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from destination_fincome.mapping.language.written_dates import month_of
from destination_fincome.mapping.stream_names import normal

# Years, days, quarters, the number of a download, beside the names of months.
_COUNTS = re.compile(r"\d+|[qts][1-4]")
_LATE_DIGITS = re.compile(r"(?<=[^\W\d_])\d{4,}$")
_WORD = re.compile(r"[^\W_]+")
_JOINTS = " _-.,()[]#"


def stem(name: str) -> tuple[str, ...]:
    """Return the words of a name that don't say which file of several it is."""
    words = (_LATE_DIGITS.sub("", word) for word in filter(None, normal(name).split("_")))
    return tuple(word for word in words if not _is_count(word))


def _is_count(word: str) -> bool:
    return bool(_COUNTS.fullmatch(word)) or month_of(word) is not None


def undated(name: str) -> str:
    """Return a name without its dates and numbers, else as it is written; all of it, if it is nothing else."""
    kept = _WORD.sub(lambda found: "\0" if _is_count(normal(found[0])) else _LATE_DIGITS.sub("", found[0]), name)
    kept = re.sub(rf"[{re.escape(_JOINTS)}]*\0(?:[{re.escape(_JOINTS)}]*\0)*", "\0", kept).strip("\0" + _JOINTS)
    return kept.replace("\0", "") or name


def lasting_names(tables: Mapping[str, Sequence[str]], *, share: bool = True) -> Mapping[str, str]:
    """Return what tables are called in what has to last until the next file.

    Args:
        tables: the headings of each, by its name.
        share: several of one name and the same headings, which are the months of one export, are called alike. Else
            each of several has all its name.
    """
    known = {name: undated(name) for name in tables}
    alike: dict[str, list[str]] = {}
    for name, short in known.items():
        alike.setdefault(normal(short), []).append(name)
    found = {}
    for name, short in known.items():
        others = alike[normal(short)]
        are_months = share and len({tuple(tables[other]) for other in others}) == 1
        found[name] = known[others[0]] if are_months or len(others) == 1 else name
    return found
