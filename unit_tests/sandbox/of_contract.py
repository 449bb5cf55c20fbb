"""A sandbox that obeys another contract: `python -m unit_tests.sandbox.of_contract FILE`."""

import sys
from pathlib import Path

from fincome_sandbox.server import Ready, serve


def ready(at: Ready) -> None:
    sys.stdout.write(f"Sandbox ready: base_url={at.base_url} api_key=sandbox-key\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve("127.0.0.1", 0, None, "sandbox-key", ready=ready, contract_file=Path(sys.argv[1]))
