"""Numbers as values: 1,000 = 1000 = one thousand, $5.95, 10 %, dates and times in their many forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from ..terms import stem
from .units import CARDINALS, FRACTIONS, MONTHS, ORDINALS, SCALES, SUFFIXES, UNITS, Number, unit_of

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|(?-i:May|MAY)|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_SPELLED = "|".join([*CARDINALS, *SCALES])
_TH = r"(?:st|nd|rd|th)"
_TOKEN = re.compile(
    rf"""
    (?:(?<!\w)|(?=[$€£¥½¼¾⅓⅔]))(?:  # where none can begin, none is tried
    (?P<iso>\b\d{{4}}-\d\d-\d\d\b)
  | (?P<mdy>\b(?P<mdy_m>{_MONTH})\s+(?P<mdy_d>\d{{1,2}}){_TH}?\b(?:,?\s+(?P<mdy_y>\d{{4}})\b)?)
  | (?P<dmy>\b(?P<dmy_d>\d{{1,2}}){_TH}?\s+(?:of\s+)?(?P<dmy_m>{_MONTH})(?![a-z])
      (?:,?\s+(?P<dmy_y>\d{{4}})\b)?)
  | (?P<my>\b(?P<my_m>{_MONTH}),?\s+(?P<my_y>\d{{4}})\b)
  | (?P<month>(?-i:\b(?:January|February|March|April|May|June|July|August|September|October|November
      |December)\b))
  | (?P<clock>\b\d{{1,2}}(?:[:.]\d\d)?\s*[ap]\.?m\b\.?|\b(?:[01]?\d|2[0-3]):[0-5]\d\b|\b(?:noon|midnight)\b)
  | (?P<code>\b(?:\d+\.){{2,}}\d+\b
      |\b(?=\w*\d)(?=\w*[a-z])(?!\d+(?:,\d{{3}})*(?:\.\d+)?(?:{_TH}|[a-z]{{1,4}})\b)[a-z\d]+\b)
  | (?P<ordinal>\b\d+{_TH}\b)
  | (?P<digits>(?P<sign>[$€£¥]\s?)?(?<![\w.])(?P<value>{_DIGITS})(?P<tail>[a-z]{{1,4}}\b|%|°|[½¼¾⅓⅔])?)
  | (?P<half>\bhalf(?:\s+an?|-an?)?\b)
  | (?P<vulgar>[½¼¾⅓⅔])
  | (?P<words>\b(?:an?\s+)?(?:(?:{_SPELLED})\b
      (?:(?:[\s-]+|(?<=hundred)\s+and\s+|(?<=thousand)\s+and\s+)(?=(?:{_SPELLED})\b))?)+)
  | (?P<times>\btwice\b|\bonce\b(?=\s+(?:an?|per|every|each)\s+
      (?:\w+\s+)?(?:second|minute|hour|day|night|week|fortnight|month|quarter|year|season|decade)\b))
  | (?P<nth>\b(?:{"|".join(ORDINALS)})\b))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AFTER = re.compile(r"[\s-]*(?:of\s+)?([^\W\d_]+|[%°])")
_HALF = re.compile(r"\s+and\s+a\s+half\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|to|and|or)\s*$", re.IGNORECASE)
_SCALE_AFTER = re.compile(rf"\s*({'|'.join(SCALES)}|bn|mn)\b", re.IGNORECASE)
_CURRENCY_BEFORE = re.compile(r"(usd|eur|gbp|jpy|[$€£¥])[\s:=]*$", re.IGNORECASE)
_DETERMINED = re.compile(r"\b(?:the|its|their|his|her|our|your|a|every)\s+$", re.IGNORECASE)
_NO_UNITS = "and or to of in the a an at by for from is are was were per"
_NO_UNIT = frozenset(_NO_UNITS.split())
_AFTER_MONTH = re.compile(r"\s+(?:is|was)\b")
_BEFORE_MONTH = re.compile(
    r"\b(?:in|of|by|until|till|since|from|to|and|or|early|late|mid|each|every|last|next|this|before|after|between|during|on)[\s-]+$",
    re.IGNORECASE,
)
_UNDERSTOOD = re.compile(r"\b(?:for|within|by|to|after)\s+$", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(r"\s*(?:[,;.]|$)")
"""Around a number whose unit is that of the one before: "for five years, all other parts for two"."""
_LETTER = re.compile(r"[\s-]([glmhVW])(?![\w/.-])")
"""A unit of one letter, set apart from its digits: 500 g."""
_UNIT_WITHIN = 3
"""Words after a number among which its unit is looked for: 30 full calendar days."""


def numbers(text: str) -> list[Number]:
    """Return the numbers of `text`, in order; codes such as A4 or 2.0.1 are words, not numbers."""
    return list(_found(text))


@lru_cache(maxsize=4096)
def _found(text: str) -> tuple[Number, ...]:
    found = list(_numbers(text))
    for index in range(len(found) - 1):
        one, two = found[index], found[index + 1]
        # "3 to 5 days": the unit belongs to both.
        if (
            two.unit
            and not one.unit
            and one.kind == two.kind == "number"
            and _RANGE.match(text[one.end : two.start])
        ):
            value = tuple(None if part is None else part * two.scale for part in one.value)
            found[index] = replace(one, value=value, unit=two.unit, noun=two.noun, scale=two.scale)
        elif (
            two.noun
            and not one.noun
            and not one.unit
            and one.kind == two.kind == "number"
            and _RANGE.match(text[one.end : two.start])
        ):
            found[index] = replace(one, noun=two.noun)
        elif (
            one.unit
            and not two.unit
            and not two.noun
            and one.kind == two.kind == "number"
            and _UNDERSTOOD.search(text[: two.start])
            and _CLAUSE_ENDS.match(text, two.end)
        ):
            value = tuple(None if part is None else part * one.scale for part in two.value)
            found[index + 1] = replace(two, value=value, unit=one.unit, noun=one.noun, scale=one.scale)
    return tuple(found)


def _numbers(text: str) -> Iterator[Number]:
    at = 0
    while match := _TOKEN.search(text, at):
        made = _made(text, match)
        at = match.end() if made is None else made.end
        if made is not None:
            yield made


def _made(text: str, match: re.Match[str]) -> Number | None:
    start, end = match.span()
    if match["iso"]:
        year, month, day = match["iso"].split("-")
        return _date(year, int(month), day, start, end)
    if match["mdy"]:
        return _date(match["mdy_y"], _month(match["mdy_m"]), match["mdy_d"], start, end)
    if match["dmy"]:
        return _date(match["dmy_y"], _month(match["dmy_m"]), match["dmy_d"], start, end)
    if match["my"]:
        return _date(match["my_y"], _month(match["my_m"]), None, start, end)
    if match["month"]:
        led = _BEFORE_MONTH.search(text[:start]) or _AFTER_MONTH.match(text, match.end())
        return _date(None, _month(match["month"]), None, start, end) if led else None
    if match["clock"]:
        written = match["clock"].lower()
        clock = "" if re.fullmatch(r"(?:[1-9]|1[0-2])[:.]\d\d", written) else "24" if ":" in written else "12"
        clock = "12" if "m" in written else clock
        return Number("time", (Fraction(_minutes(written)),), "", "", start, end, clock=clock)
    if match["ordinal"]:
        return Number("ordinal", (Fraction(re.sub(r"\D", "", match["ordinal"])),), "", "", start, end)
    if match["digits"]:
        return _digits(text, match)
    if match["half"]:
        number = _with_unit(text, Fraction(1, 2), start, end)
        return number if number.unit else None  # "half the members" counts nothing
    if match["vulgar"]:
        return _with_unit(text, FRACTIONS[match["vulgar"]], start, end)
    if match["words"]:
        return _with_unit(text, _spelled(match["words"]), start, end)
    if match["times"]:
        return Number("number", (Fraction(1 + (match["times"].lower() == "twice")),), "", "", start, end)
    # "first, open the box" counts nothing
    if match["nth"] and _DETERMINED.search(text[max(0, start - 12) : start]):
        return Number("ordinal", (Fraction(ORDINALS[match["nth"].lower()]),), "", "", start, end)
    return None


def _digits(text: str, match: re.Match[str]) -> Number:
    value = Fraction(match["value"].replace(",", ""))
    tail = (match["tail"] or "").lower()
    start, end = match.span()
    if tail in FRACTIONS:
        return _with_unit(text, value + FRACTIONS[tail], start, end)
    sign = (match["sign"] or "").strip()
    if tail in SUFFIXES and (sign or tail != "m"):
        value, tail = value * SUFFIXES[tail], ""
    scale = _SCALE_AFTER.match(text, end)
    if not tail and scale:
        name = scale.group(1).lower()
        value *= SCALES.get(name) or SUFFIXES[name]
        end = scale.end()
    if tail or sign:
        base, factor = UNITS.get(tail or sign, (tail, Fraction(1)))
        return Number("number", (value * factor,), base, base, start, end, factor)
    return _with_unit(text, value, start, end)


def _with_unit(text: str, value: Fraction, start: int, end: int) -> Number:
    """Look for the unit: a currency before it, or the first unit among the next words."""
    before = _CURRENCY_BEFORE.search(text[max(0, start - 12) : start])
    if before:
        base, factor = UNITS[before.group(1).lower()]
        return Number("number", (value * factor,), base, base, start, end, factor)
    half = _HALF.match(text, end)
    if half:
        value, end = value + Fraction(1, 2), half.end()
    letter = _LETTER.match(text, end) if text[end - 1].isdigit() else None
    if letter and letter.group(1).lower() in UNITS:
        base, factor = UNITS[letter.group(1).lower()]
        return Number("number", (value * factor,), base, base, start, letter.end(), factor)
    noun, at = "", end
    for _ in range(_UNIT_WITHIN):
        word = _AFTER.match(text, at)
        if word is None:
            break
        name = word.group(1).lower()
        known = unit_of(name)
        if known is not None:
            return Number("number", (value * known[1],), known[0], stem(name), start, end, known[1])
        if name in _NO_UNIT:
            break
        noun = noun or stem(name)
        at = word.end()
    return Number("number", (value,), "", noun, start, end)


def _date(year: str | None, month: int, day: str | None, start: int, end: int) -> Number:
    parts = tuple(None if part is None else Fraction(part) for part in (year, month, day))
    return Number("date", parts, "", "", start, end)


def _month(name: str) -> int:
    return MONTHS[name.lower()[:3]]


def _minutes(clock: str) -> int:
    lowered = clock.lower()
    if lowered in ("noon", "midnight"):
        return 720 if lowered == "noon" else 0
    parts = re.findall(r"\d+", lowered)
    hour, minute = int(parts[0]), int(parts[1]) if len(parts) > 1 else 0
    if "m" in lowered:
        hour = hour % 12 + (12 if "p" in lowered else 0)
    return hour * 60 + minute


def _spelled(words: str) -> Fraction:
    total, current = 0, 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in ("a", "an", "and"):
            continue
        if word in SCALES:
            scale = SCALES[word]
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        else:
            current += CARDINALS[word]
    return Fraction(total + current)
