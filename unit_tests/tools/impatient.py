"""`fincome`, asking ten times as often whether a write is visible yet: a short lag shows what a long one does."""

from fincome_tools.cli import main
from fincome_tools.contract import session

if __name__ == "__main__":
    session.POLL_SECONDS /= 10
    main()
