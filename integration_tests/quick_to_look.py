"""The connector, waiting a fifth as long for what Fincome may show late: where a test's Fincome shows all at once."""

from destination_fincome.engine import stored_check
from destination_fincome.fincome import looks
from destination_fincome.run import main

if __name__ == "__main__":
    assert (stored_check.LATE_SECONDS, stored_check.SOON_SECONDS) == (10, 2)
    stored_check.LATE_SECONDS, stored_check.SOON_SECONDS = 2, 0.4
    assert looks.WITNESS_SECONDS == 10
    looks.WITNESS_SECONDS = 2
    main()
