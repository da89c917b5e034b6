"""Personal data and secrets in a text, found by their form and by their check digits.

Names have no form: only those that someone states ("my name is ...") are found here. A recogniser of
names, such as presidio's, is passed to `screen`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..tracing.redact import SECRETS

LONGEST = 200_000
"""Characters of a text that are searched; what is longer is refused by `screen`."""


@dataclass(frozen=True, slots=True)
class Found:
    """One span of personal data: ``text[start:end]``."""

    kind: str
    """``secret``, ``email``, ``card``, ``iban``, ``ssn``, ``phone``, ``ip``, ``address``, ``name``."""
    start: int
    end: int


def personal(text: str) -> list[Found]:
    """Every span, in order, none overlapping; the kind that is surest comes first."""
    taken: list[Found] = []
    for kind, pattern, check in _KINDS:
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if kind == "address":
                start, end = _whole(text, start, end)
            # digits that fail as a card may still be a phone number
            free = all(end <= other.start or start >= other.end for other in taken)
            if free and check(text[start:end]):
                taken.append(Found(kind, start, end))
    return sorted(taken, key=lambda found: found.start)


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """A part of an address with what belongs to it: a number before, and a town with its code after."""
    before = _NUMBER_BEFORE.search(text[max(0, start - 12) : start])
    after = _TOWN_AFTER.match(text, end)
    return start - (len(before[0]) if before else 0), after.end() if after else end


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 12 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616, modulo 97)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not 15 <= len(plain) <= 34 or not plain.isalnum() or not plain.isascii():
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 7 <= len(digits) <= 15 and not _DATE.match(text)


def _any(text: str) -> bool:
    return True


_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}\b|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d\b|(?:\d{4} ){2}\d{4}$"
)

_NUMBER_BEFORE = re.compile(r"(?<![\w-])\d{1,6}[A-Za-z]?,? $")
_TOWN_AFTER = re.compile(
    r"(?:[,\s]+[^\W\d_][\w'’.()-]*(?: \d{1,5})?){0,3}(?:[,\s]+(?i:apt|suite|box|unit)\.? ?#?\d{1,5}){0,2}"
    r"(?:[,\s]+[A-ZÀ-ÞΑ-Ω∆n][\w'’.()∆-]*){0,6}[,\s]+\d{4,6}(?:-\d{3,4})?\b"
)
_LEADS = (
    r"(?:address(?:es)?(?: of [\w ]{1,30})?(?: is| to| with|:)?|here they are:|lives? (?:at|in)"
    r"|located (?:at|in)|office is (?:at|in|on)|(?:ship|sent?|send|deliver|delivered|mail|moved?|arrived|come"
    r"|one|stop|meet (?:me|you)|off|station is) (?:it |this |them )?(?:to|at|on))"
)

_STREET = (
    r"(?:street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|way|square|sq|place|pl"
    r"|terrace|parkway|pkwy|highway|hwy|circle|cir|close|crescent|row|hill|trail|alley|crossing|loop|run)"
)
_EUROPEAN = (
    r"(?:\w{2,}(?: ?stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|gade|vej|vegen?|gata(?:n)?|gatan|väg(?:en)?"
    r"|vænget|stræde|str(?:æ|ae)ti|braut|katu|tie|straat|laan|plein|utca| u\.| útja| terrasse)"
    r"|(?:rua|avenida|av\.|calle|via|viale|piazza|rue|avenue|chemin|ulica|ul\.|praça|paseo|boulevard|place)"
    r"(?: d[aeoiu]s?| de la| del| des)?(?: [A-ZÀ-Þ][\w'’-]+){1,3})"
)
_UNIT = r"(?i:[,\s]+(?:apt|apartment|suite|ste|unit|floor|flat|room)\.? ?#?\w{1,6}|[,\s]+#\d{1,5})"
_TOWN = r"(?:[,\s]+(?:[A-Z][\w'’.-]+ ?){1,3},?\s+[A-Z]{2}(?:\s+\d{5}(?:-\d{4})?)?)"
_ZIP = r"(?:,?\s+\d{5}(?:-\d{4})?)"

_NO_NAMES = frozenset(
    "the a an my your our his her their it what how why when where is not just that".split()
)
_NO_STREETS = re.compile(
    r"(?i)order|number|invoice|item|january|february|march|april|may|june|july|august|september|october"
    r"|november|december"
)

_KINDS: list[tuple[str, re.Pattern[str], Callable[[str], bool]]] = [
    *(("secret", pattern, _any) for pattern in SECRETS),
    ("email", re.compile(r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b"), _any),
    ("iban", re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,4})?\b"), iban),
    ("card", re.compile(r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)"), _card),
    ("ssn", re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"), _any),
    ("ip", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"), _address),
    ("ip", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}(?![\w:])"), _address),
    # +44 20 7946 0958, (555) 010-9999, 555-010-9999, 03.93.92.16.85
    (
        "phone",
        re.compile(r"(?<![\w+])\+\d{1,3}[ .-]?(?:\(0?\d{0,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}(?!\w)"),
        _phone,
    ),
    ("phone", re.compile(r"(?<![\w.-])\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?![\w-])"), _phone),
    (
        "phone",
        re.compile(
            r"(?<![\w.,$€£-])0?\d{2,4}(?:([ .-])\d{2,4})(?:\1\d{2,4}){1,4}(?:x\d{1,6})?(?![\w-]|[.,]\d)"
        ),
        _phone,
    ),
    (
        "phone",
        re.compile(
            r"(?i)(?:phone|telephone|tel|mobile|cell|call(?: me)?|text me|fax|whatsapp|reach me|contact)\b"
            r"[^\d\n]{0,25}(?P<it>\+?\d[\d .()-]{5,18}\d)(?!\w)"
        ),
        _phone,
    ),
    ("phone", re.compile(r"(?<![\w.,$€£#-])(?:0\d{9,10}|[2-9]\d{9})(?![\w-]|[.,]\d)"), _phone),
    (
        "address",
        re.compile(
            r"(?<![\w-])\d{1,6}[A-Za-z]?,?(?: [NSEW]\.?)?"
            r"(?: (?:[A-ZÀ-Þ][\w'’.-]{0,30}|\d{1,3}(?:st|nd|rd|th))){1,4}?"
            rf" (?i:{_STREET})\b\.?{_UNIT}?{_TOWN}?{_ZIP}?"
        ),
        _any,
    ),
    (
        "address",
        re.compile(
            r"(?<![\w-])\d{1,6} (?!(?:on|this|the|an?|of|by|in|at|miles?|more|other|to|my)\b)"
            r"(?:[a-z]{3,20}|\d{1,3}(?:st|nd|rd|th))"
            r" (?:street|st|avenue|ave|road|rd|lane|ln|drive|blvd|court)\b"
        ),
        _any,
    ),
    (
        "address",
        re.compile(rf"\b(?i:{_EUROPEAN}),? \d{{1,5}}\w?\b{_UNIT}?{_ZIP}?"),
        lambda text: text[0].isupper(),
    ),
    ("address", re.compile(rf"\b\d{{1,5}},? (?i:{_EUROPEAN})\b{_UNIT}?{_TOWN}?{_ZIP}?"), _any),
    (
        "address",
        re.compile(
            rf"(?i:{_LEADS})[:\s]{{1,6}}(?:the corner of )?"
            r"(?P<it>(?:\d{1,6}[A-Za-z]? )?[^\W\d_a-z][\w.'’∆-]+(?: [^\W\d_][\w.'’∆-]*){0,4}"
            rf" \d{{1,5}}\.?{_UNIT}?)"
        ),
        lambda text: not _NO_STREETS.match(text),
    ),
    ("address", re.compile(r"\bPSC \d{1,5}, Box \d{1,5}\b"), _any),
    ("address", re.compile(r"(?i)\bp\.? ?o\.? ?box \d{1,7}\b"), _any),
    ("address", re.compile(r"\b(?i:apt|apartment|suite|unit|flat)\.? #?\d{1,5}\b"), _any),
    (
        "address",
        re.compile(r"\b(?:[A-Z][\w'’.-]+ ){0,2}[A-Z][\w'’.-]+, ?[A-Z]{2},? \d{5}(?:-\d{4})?\b"),
        _any,
    ),
    (
        "address",
        re.compile(r"(?i)\b(?:zip|postal|post)[ -]?code\b[^\d\n]{0,12}(?P<it>\d{4,6}(?:-\d{3,4})?)\b"),
        _any,
    ),
    (
        "name",
        re.compile(
            r"\b(?i:my (?:full |first |last )?name is|name'?s|i am called|this is|signed,?"
            r"|mr\.?|mrs\.?|ms\.?|dr\.?)"
            r" (?P<it>[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’.-]*){0,3})"
        ),
        lambda text: text.split()[0].lower() not in _NO_NAMES,
    ),
]
"""Kind, form, and what a match must pass besides; the surest first."""
