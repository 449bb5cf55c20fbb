"""What came of `make mutants`: how many changes of the core's code the tests saw, by file, and which they did not.

mutmut keeps a file of exit codes beside each file that it changed. A change that was never tried has none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GOAL = 90
SEEN = {1, 3, 36, 24, -24, 152, 255}
"""A test failed, or pytest itself, or time was up."""


class Score(NamedTuple):
    """Of one file.

    Attributes:
        tried: changes that tests ran on.
        unseen: the names of those after which all tests passed.
    """

    file: str
    tried: int
    unseen: list[str]


def scores(folder: Path) -> Iterator[Score]:
    """Yield what came of the files of which a change was tried."""
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if code is not None}
        if tried:
            file = path.relative_to(folder).as_posix().removesuffix(".meta")
            yield Score(file, len(tried), sorted(name for name, code in tried.items() if code not in SEEN))


def main(folder: Path) -> int:
    """Print the scores; return 1 if less than the goal were seen."""
    found = list(scores(folder))
    for score in found:
        print(f"{score.file}: {score.tried - len(score.unseen)} of {score.tried}")
    tried, unseen = sum(one.tried for one in found), [name for one in found for name in one.unseen]
    for name in unseen:
        print(f"not seen: {name}")
    percent = 100 * (tried - len(unseen)) / tried if tried else 0.0
    print(f"{percent:.1f} % of {tried} changes were seen; {GOAL} % are wanted. One change: .venv/bin/mutmut show NAME")
    return int(percent < GOAL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
