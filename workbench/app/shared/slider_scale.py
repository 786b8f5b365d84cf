"""The stops of a slider for a declared number: even steps, or closer together near small values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workbench.options import OptionSpec

Number = float | int

_PARTS = 100
# If the upper bound is this many times the default or more, even steps would give most of the
# slider to values that nobody wants.
_EVEN_ABOVE_ZERO, _EVEN_FROM_ZERO = 5, 20
_MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
_MOST_WHOLE = 200


def stops(spec: OptionSpec) -> tuple[Number, ...] | None:
    """The values of a slider from the lowest to the highest, the default among them.

    None for an option that no slider can show: not a number, without bounds, or one that may be
    left to the data (``auto`` has no position on a scale).
    """
    if spec.type not in ("float", "int", "range") or spec.optional:
        return None
    if spec.low is None or spec.high is None:
        return None
    defaults = spec.default if spec.type == "range" else (spec.default,)
    low, high, usual = spec.low, spec.high, max(defaults)
    whole = spec.type == "int"
    if whole and high - low <= _MOST_WHOLE:
        return tuple(range(int(low), int(high) + 1))
    steps = _rising(low, high, usual) if _uneven(low, high, usual) else _even(low, high)
    values = {low, high, *defaults, *steps}
    if whole:
        values = {round(value) for value in values}
    return tuple(sorted(values))


def nearest(scale: Sequence[Number], value: Number) -> Number:
    """The stop that lies nearest to ``value``."""
    return min(scale, key=lambda stop: abs(stop - value))


def _uneven(low: float, high: float, usual: float) -> bool:
    if low < 0 or usual <= 0:
        return False
    return high / usual >= (_EVEN_ABOVE_ZERO if low > 0 else _EVEN_FROM_ZERO)


def _even(low: float, high: float) -> list[float]:
    rough = (high - low) / _PARTS
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first
    return [round((first + i) * step, 10) for i in range(count + 1)]


def _rising(low: float, high: float, usual: float) -> list[float]:
    """Round numbers, about ten a decade; from a hundredth of the usual value where low is 0."""
    begin = low or usual / _PARTS
    decades = range(math.floor(math.log10(begin)), math.ceil(math.log10(high)) + 1)
    values = (round(m * 10.0**decade, 12) for decade in decades for m in _MANTISSAS)
    return [value for value in values if begin <= value <= high]
