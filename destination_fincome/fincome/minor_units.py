"""Decimal places of currencies: what the smallest unit of an amount is, where amounts are whole numbers of it."""

from __future__ import annotations

from collections.abc import Mapping

ISO_EXPONENTS: Mapping[str, int] = dict.fromkeys(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"], 0
) | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)
"""ISO 4217, for the currencies whose smallest unit isn't a hundredth."""

HUNDREDTH = 2
