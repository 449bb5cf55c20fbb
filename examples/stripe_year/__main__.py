"""`python -m examples.stripe_year --out FOLDER [--seed N] [--customers N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from examples.stripe_year import DEFAULT_CUSTOMERS, DEFAULT_SEED, generate
from examples.stripe_year.cast import FEWEST_CUSTOMERS


def main() -> None:
    """Generate the example into a folder."""
    parser = argparse.ArgumentParser(prog="examples.stripe_year", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to, made if missing")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS)
    options = parser.parse_args()
    if options.customers < FEWEST_CUSTOMERS:
        parser.error(f"--customers: at least {FEWEST_CUSTOMERS}, so that every case is there")
    counts = generate(options.out, seed=options.seed, customers=options.customers)
    print(f"{sum(counts.values())} records in {len(counts)} streams written to {options.out}/messages.jsonl")


if __name__ == "__main__":
    main()
