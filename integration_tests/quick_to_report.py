"""The connector, telling its progress after half a second in place of ten."""

from destination_fincome.engine import sync
from destination_fincome.run import main

if __name__ == "__main__":
    assert sync.PROGRESS_SECONDS == 10
    sync.PROGRESS_SECONDS = 0.5
    main()
