"""How numbers are rounded and written, in LaTeX and in plain text."""

import math
from typing import Any

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals(low: float | None, high: float | None) -> int | None:
    """Return the decimals that leave two significant digits of an interval's half width."""
    if low is None or high is None or not math.isfinite(high - low) or high <= low:
        return None
    return 1 - math.floor(math.log10((high - low) / 2))


def written(value: Any, places: int | None = None) -> str:
    """Return a value as plain text.

    Parameters
    ----------
    value : Any
        None becomes a dash; whole numbers get commas between thousands; other numbers three
        significant digits, or `places` decimals.
    places : int, optional
        Decimals, as `decimals` gives them; may be negative.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(written(v, places) for v in value) or "none"
    if isinstance(value, int):
        return _minus(f"{value:,}")
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if not isinstance(value, float):
        return str(value)
    return _minus(_free(value) if places is None else _fixed(value, places))


def _free(value: float) -> str:
    """Write a number to three significant digits, or exactly where that is as short."""
    if not value:
        return "0"
    short = f"{value:.6g}"
    if value == round(value, 6) and len(short.lstrip("-0.")) <= 4 and 1e-4 <= abs(value) < 1e6:
        return short
    return _fixed(value, max(2 - math.floor(math.log10(abs(value))), 0))


def _fixed(value: float, places: int) -> str:
    """Write a number to some decimals; very large and very small ones with a power of ten."""
    if abs(value) < 0.5 * 10.0**-places:
        value = 0.0
    exponent = math.floor(math.log10(abs(value))) if value else 0
    if exponent >= 6 or (exponent < -3 and not 0 < places <= 6):
        mantissa, _, power = f"{value:.{max(exponent + places, 0)}e}".partition("e")
        return mantissa + "×10" + str(int(power)).translate(_SUPERSCRIPT)
    if places <= 0:
        return f"{round(value, places):,.0f}"
    return f"{value:,.{places}f}"


def duration(seconds: float | None) -> str:
    """Return a wall time in the largest unit that leaves a whole part."""
    if seconds is None:
        return "–"
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def memory(size: float | None) -> str:
    """Return a number of bytes in GB or MB."""
    if size is None:
        return "–"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def file_size(size: float | None) -> str:
    """Return the size of a file in the largest unit that leaves a whole part."""
    if size is None:
        return "–"
    for least, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size:.0f} bytes"


def _minus(text: str) -> str:
    return text.replace("-", "−")


def percent(value: float | None) -> str:
    """Write a fraction in per cent, with one more digit where it is small or nearly one."""
    if value is None:
        return "–"
    places = 2 if 0 < value < 0.01 or 0.99 < value < 1 else 1
    return f"{100 * value:.{places}f}"
