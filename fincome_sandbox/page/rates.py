"""Fixed rates to show several currencies in one chart: round numbers near those of recent years, no market's.

They are for the picture only; the page states them beside it. Each is how many units one euro has.
"""

from fractions import Fraction

BASE = "EUR"
PER_EURO = {
    "EUR": "1", "USD": "1.10", "GBP": "0.85", "CHF": "0.95", "JPY": "160", "CAD": "1.50", "AUD": "1.65",
    "NZD": "1.80", "SEK": "11.30", "NOK": "11.60", "DKK": "7.46", "PLN": "4.30", "CZK": "25", "HUF": "400",
    "RON": "5", "BGN": "1.96", "TRY": "35", "BRL": "6", "MXN": "20", "INR": "92", "CNY": "7.80", "HKD": "8.60",
    "SGD": "1.45", "KRW": "1500", "ZAR": "20", "ILS": "4", "AED": "4", "MAD": "10.80", "XOF": "656", "XAF": "656",
}  # fmt: skip


def to_base(currency: str) -> Fraction | None:
    """What one unit is worth in the base currency; None without a rate."""
    per_euro = PER_EURO.get(currency)
    return 1 / Fraction(per_euro) if per_euro else None
