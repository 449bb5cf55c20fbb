"""`fincome` on asyncio's own event loop, also where uvloop is installed."""

import sys

sys.modules["uvloop"] = None  # type: ignore[assignment]  # what makes an import fail

from fincome_tools.cli import main  # noqa: E402 (not before)

if __name__ == "__main__":
    main()
