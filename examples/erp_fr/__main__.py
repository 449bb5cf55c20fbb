"""Write the exports: `python -m examples.erp_fr --out FOLDER`, into `plat/` (one flat file) and `tables/` (four)."""

import argparse
from pathlib import Path

from examples.erp_fr.company import make_year
from examples.erp_fr.exports import write_flat, write_tables


def main() -> None:
    """Write both, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m examples.erp_fr", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    folder = parser.parse_args().out
    year = make_year()
    for name, write in (("plat", write_flat), ("tables", write_tables)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write(year, folder / name)
    print(f"{len(year.customers)} customers, {len(year.documents)} documents in {folder}.")
    print(f"Invoiced {year.invoiced:,.2f} EUR net, credited {year.credited:,.2f} EUR.")
    print("MRR by month:", ", ".join(f"{month} {value:,.2f}" for month, value in sorted(year.mrr.items())))


if __name__ == "__main__":
    main()
