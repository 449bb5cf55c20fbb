"""Bar charts as geometry: where each bar, grid line and label is. Templates draw them. Knows no revenue."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, NARROW = 880, 250, 500
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 12, 26
# The room of a label below the bars.
_LABEL = 62


@dataclass(frozen=True)
class Values:
    """One kind of bar: its name in the legend, the class of its colour, one number for each column."""

    name: str
    colour: str
    numbers: Sequence[float]


@dataclass(frozen=True)
class Bar:
    """A rectangle and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    title: str


@dataclass(frozen=True)
class Label:
    """A text at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """All that is drawn."""

    title: str
    description: str
    bars: Sequence[Bar]
    grid: Sequence[Label]
    zero: float
    columns: Sequence[Label]
    legend: Sequence[Values]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT

    @property
    def right(self) -> int:
        """Where grid lines end."""
        return self.width - _RIGHT


def stacked(
    title: str,
    columns: Sequence[str],
    values: Sequence[Values],
    description: str,
    unit: str = "",
    width: int = WIDTH,
) -> Chart:
    """Bars on top of each other; negative numbers go down from zero."""
    tops = [sum(max(0.0, one.numbers[at]) for one in values) for at in range(len(columns))]
    depths = [sum(min(0.0, one.numbers[at]) for one in values) for at in range(len(columns))]
    scale = _Scale.of(min(depths, default=0.0), max(tops, default=0.0))
    step = (width - _LEFT - _RIGHT) / max(1, len(columns))
    bars = []
    for at, column in enumerate(columns):
        up = down = 0.0
        for one in values:
            number = one.numbers[at]
            if not number:
                continue
            base = up if number > 0 else down
            up, down = (up + number, down) if number > 0 else (up, down + number)
            high, low = scale.y(max(base, base + number)), scale.y(min(base, base + number))
            said = f"{column}: {one.name} {number:,.0f} {unit}".rstrip()
            bars.append(_bar(_LEFT + step * (at + 0.16), high, step * 0.68, low - high, one.colour, said))
    return _chart(title, description, columns, step, scale, bars, values, width)


def grouped(title: str, columns: Sequence[str], values: Sequence[Values], description: str, unit: str = "") -> Chart:
    """Bars beside each other."""
    numbers = [number for one in values for number in one.numbers]
    scale = _Scale.of(min([0.0, *numbers]), max([0.0, *numbers]))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(columns))
    width = step * 0.72 / max(1, len(values))
    bars = []
    for at, column in enumerate(columns):
        for place, one in enumerate(values):
            number = one.numbers[at]
            if number:
                high, low = scale.y(max(0.0, number)), scale.y(min(0.0, number))
                said = f"{column}: {one.name} {number:,.0f} {unit}".rstrip()
                x = _LEFT + step * (at + 0.14) + width * place
                bars.append(_bar(x, high, width * 0.94, low - high, one.colour, said))
    return _chart(title, description, columns, step, scale, bars, values)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    step: float

    @classmethod
    def of(cls, least: float, most: float) -> "_Scale":
        """Four or five grid lines at round numbers around the values."""
        span = (most - least) or 1.0
        rough = span / 4
        magnitude = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough)
        return cls(math.floor(least / step) * step, max(math.ceil(most / step), 1) * step, step)

    def y(self, number: float) -> float:
        return _TOP + (self.high - number) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)


def _bar(x: float, y: float, width: float, height: float, colour: str, title: str) -> Bar:
    return Bar(round(x, 2), round(y, 2), round(width, 2), max(round(height, 2), 0.75), colour, title)


def _chart(
    title: str,
    description: str,
    columns: Sequence[str],
    step: float,
    scale: _Scale,
    bars: Sequence[Bar],
    values: Sequence[Values],
    width: int = WIDTH,
) -> Chart:
    count = round((scale.high - scale.low) / scale.step)
    numbers = [scale.low + scale.step * place for place in range(count + 1)]
    grid = [Label(_LEFT - 8, round(scale.y(number), 2), short(number)) for number in numbers]
    every = math.ceil(_LABEL / step)
    last = len(columns) - 1
    below = [
        Label(round(_LEFT + step * (at + 0.5), 2), HEIGHT - 8, text)
        for at, text in enumerate(columns)
        if (last - at) % every == 0
    ]
    return Chart(title, description, bars, grid, round(scale.y(0.0), 2), below, values, width)


def short(number: float) -> str:
    """A number for an axis: 2,500 is 2.5k."""
    for unit, size in (("bn", 1e9), ("m", 1e6), ("k", 1e3)):
        if abs(number) >= size:
            return f"{number / size:,.4g}{unit}"
    return f"{number:,.4g}"
