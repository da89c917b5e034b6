"""What numbers are made of: the words for them, for months and for units, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from ..terms import stem

_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NTH = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"

CARDINALS = {name: value for value, name in enumerate(_SMALL.split())} | {
    name: 10 * value for value, name in enumerate(_TENS.split(), 2)
}
"""Words that are added up."""
SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
"""Words that multiply what is before them."""
SUFFIXES = {"k": 1000, "m": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9}
"""Letters that multiply the digits they touch."""
ORDINALS = {name: value for value, name in enumerate(_NTH.split(), 1)}
FRACTIONS = {
    "½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3),
}  # fmt: skip
MONTHS = {name: value for value, name in enumerate(_MONTH_NAMES.split(), 1)}
"""By their first three letters."""

# Of one base with their factors; units of one base are converted into one another.
_TABLE = {
    "second": "second sec s 1, minute min 60, hour hr h 3600, day 86400, week wk 604800",
    "month": "month mo 1, quarter 3, year yr 12, decade 120, century 1200",
    "gram": "milligram mg 1/1000, gram g 1, kilogram kg kilo 1000, tonne 1000000",
    "ounce": "ounce oz 1, lb lbs 16",
    "metre": "millimetre millimeter mm 1/1000, centimetre centimeter cm 1/100, metre meter m 1, "
    "kilometre kilometer km 1000",
    "inch": "inch 1, foot feet ft 12, yard yd 36, mile mi 63360",
    "litre": "millilitre milliliter ml 1/1000, litre liter l 1",
    "byte": "byte 1, kb kilobyte 1000, mb megabyte 1000000, gb gigabyte 1000000000",
    "cent": "cent 1",
    "dollar": "dollar usd $ buck 1",
    "euro": "euro eur € 1",
    "pound": "penny pence 1/100, pound gbp £ quid 1",
    "yen": "yen jpy ¥ 1",
    "percent": "percent % percentage 1",
    "percentpoint": "percentpoint 1",
    "degree": "degree ° 1",
    "volt": "volt v 1",
    "watt": "watt w 1, kilowatt kw 1000, megawatt mw 1000000",
    "hertz": "hertz hz 1, mhz 1000000, ghz 1000000000",
}
UNITS: dict[str, tuple[str, Fraction]] = {
    spelling: (base, Fraction(row.split()[-1]))
    for base, rows in _TABLE.items()
    for row in rows.split(", ")
    for name in row.split()[:-1]
    for spelling in (name, stem(name))
}
"""Base unit and factor of each unit, by name and by stem."""
NumberKind = Literal["number", "ordinal", "date", "time"]


@lru_cache(maxsize=8192)
def unit_of(word: str) -> tuple[str, Fraction] | None:
    """Return base unit and factor of a word after a number, or None.

    A single letter is a unit only where it touches the number, as in 5m.
    """
    word = word.lower()
    if len(word) < 2 and word not in "%°":
        return None
    return UNITS.get(word) or UNITS.get(stem(word))


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text."""

    kind: NumberKind
    value: tuple[Fraction | None, ...]
    """The number; of a date (year, month, day), None where not said; of a time, minutes after midnight."""
    unit: str
    """Base unit, such as "second" or "dollar", to which `value` is converted; "" where none is known."""
    noun: str
    """Stem of the word after it; "" where there is none."""
    start: int
    end: int
    scale: Fraction = Fraction(1)
    """Base units in the unit that was written: 86400 of a day."""
    clock: str = ""
    """Of a time, "24" or "12"; "" where it may be of either half of the day."""

    def says(self, other: Number) -> bool:
        """Tell whether `other`, of a source, says this number too."""
        if self.kind == "date" or other.kind == "date":
            return self._dated(other)
        if self.kind == "number" and other.kind == "time" and not self.unit:
            hour = (other.value[0] or Fraction(0)) // 60
            return self.value[0] in (hour, hour % 12 or 12)
        if self.kind != other.kind:
            return False
        if self.kind == "time" and "" in (self.clock, other.clock) and "24" not in (self.clock, other.clock):
            return (self.value[0] or 0) % 720 == (other.value[0] or 0) % 720
        if not self.unit and not self.noun and other.unit and self.value[0] is not None:
            # "for 30 days, on the free plan for 7": the unit is understood.
            return self.value == other.value or self.value[0] * other.scale == other.value[0]
        if "cent" in (self.unit, other.unit) and self.unit != other.unit:
            return self._in_cents() == other._in_cents()
        return self.value == other.value and (not self.unit or not other.unit or self.unit == other.unit)

    def _in_cents(self) -> Fraction | None:
        """Return an amount in hundredths of whatever currency; None where it is no amount."""
        hundred = {"cent": 1, "dollar": 100, "euro": 100}.get(self.unit)
        return None if hundred is None or self.value[0] is None else self.value[0] * hundred

    def _dated(self, other: Number) -> bool:
        if self.kind == other.kind:
            return all(
                mine is None or mine == theirs for mine, theirs in zip(self.value, other.value, strict=True)
            )
        return self.kind == "number" and not self.unit and self.value[0] in (other.value[0], other.value[2])
