"""Which encoding a text file has: proved by the whole file where that can be, else the likeliest of a short list."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from destination_fincome.failure import ConfigFailure

CHUNK = 1 << 20
# So many different neighbourhoods tell one encoding from another.
_MOST_SEEN = 5000
MOST_BYTES = 1 << 30

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What programs in Europe write, the commonest first: of equally likely ones the first is taken.
_LISTED = ("cp1252", "iso8859-15", "mac_roman", "cp850", "cp1250")
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "windows-1252",
    "iso8859-15": "ISO-8859-15",
    "mac_roman": "Mac Roman",
    "cp850": "code page 850",
    "cp1250": "windows-1250",
}
# Letters of French, German, Spanish, Italian and their neighbours, as often as they are written.
_USUAL = frozenset("éèêëàâäçôöîïûùüßñóíáúìòœæÉÈÀÇÔÖÜÄÑ°€«»’–“”…²ºª·¿¡")


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    Attributes:
        codec: Python's name.
        name: for people.
        proved: the file can't be anything else that is in use; else the likeliest was taken.
    """

    codec: str
    name: str
    proved: bool


def encoding_of(path: Path) -> Encoding:
    """Tell the encoding of a text file, by all of its bytes.

    Raises:
        ConfigFailure: it is no text, has lines in different encodings, is too large, or can't be read.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ConfigFailure(
            f"{path.name} has {size >> 20:,} MB, and no more than {MOST_BYTES >> 20:,} are read at once: "
            "cut it into several files, for example one per year."
        )
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return _found(codec, proved=True)
    if wide := _wide(head):
        return _found(wide, proved=True)
    counts, mixed_in = _look(path)
    if mixed_in is None and not counts:
        return _found("utf-8", proved=True)
    if mixed_in is not None:
        raise ConfigFailure(
            f"{path.name}, line {mixed_in}: this line is UTF-8 and others aren't, so some names would come out wrong. "
            "Was the file put together from several? Save it once more as UTF-8."
        )
    return _found(_likeliest(counts), proved=False)


def _found(codec: str, *, proved: bool) -> Encoding:
    return Encoding(codec, _NAMES[codec], proved)


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 without its mark by where the zeros are."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    most = max(1, len(head) // 2) * 0.6
    if odd > most and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > most and odd == 0 else None


def _look(path: Path) -> tuple[Counter[bytes], int | None]:
    """Go through a file that has no mark.

    Returns:
        The bytes beyond ASCII, each between its neighbours, of lines that aren't UTF-8: none, if all are; and the
        number of a line that is UTF-8 beyond ASCII while others aren't.
    """
    others: Counter[bytes] = Counter()
    waiting, bytes_waiting = list[bytes](), 0
    proved_at = None
    with path.open("rb") as file:
        number = 0
        while line := file.readline(CHUNK):
            number += 1
            if b"\0" in line:
                raise ConfigFailure(f"{path.name} is no text file (line {number} has zero bytes): export it as CSV.")
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                waiting.append(line)
                bytes_waiting += len(line)
                if bytes_waiting > CHUNK:
                    _count(waiting, others)
                    waiting, bytes_waiting = [], 0
            else:
                proved_at = proved_at or number
    _count(waiting, others)
    return others, proved_at if others else None


_BEYOND_ASCII = re.compile(rb"(?s)(?=(.[\x80-\xff].))")
_ASCII = bytes(range(128))
_COUNTED_WHOLLY = 1 << 14


def _count(lines: list[bytes], found: Counter[bytes]) -> None:
    """Count the bytes beyond ASCII of some lines, each between its neighbours; at a line's end these are blanks.

    After many, lines are only counted where they have a byte that hasn't been seen.
    """
    text = b" " + b"  ".join(lines) + b" "
    if found.total() > _COUNTED_WHOLLY and not text.translate(None, _ASCII + bytes({triple[1] for triple in found})):
        return
    triples = _BEYOND_ASCII.findall(text)
    found.update(triples if len(found) < _MOST_SEEN else [triple for triple in triples if triple in found])


def _likeliest(counts: Counter[bytes]) -> str:
    scores = {codec: _score(counts, codec) for codec in _LISTED}
    return max(_LISTED, key=lambda codec: scores[codec])


def _score(counts: Counter[bytes], codec: str) -> float:
    """Tell how much like words a file reads in an encoding."""
    return sum(number * _likelihood(triple, codec) for triple, number in counts.items())


def _likelihood(triple: bytes, codec: str) -> float:
    before, sign, after = list(triple.decode(codec, errors="replace"))
    if sign == "\ufffd" or not (sign.isprintable() or sign == "\xa0"):
        return -4
    if sign == "€":
        return 2 if before.isdigit() or after.isdigit() or " " in before + after or ";" in before + after else 1
    if sign == "\xa0" or not sign.isalpha():
        return 1 if sign in _USUAL or sign == "\xa0" else -2
    if sign.isupper() and (before.islower() or (before.isalpha() and after.islower())):
        return -2
    beside = before.isalpha() or after.isalpha()
    return (2 if sign in _USUAL else 0.5) if beside else 0
