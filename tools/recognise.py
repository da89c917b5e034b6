"""Values of a type in a text, each with the words that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz

from ..retrieval.terms import STOP_WORDS, content_stems, stem, words

CLOSE = 88
"""How like an allowed value words must be, 0 to 100 (rapidfuzz ratio)."""

_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"a couple of": 2, "a dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "a hundred": 100}
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep"
        "|october oct|november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))

EMAIL = re.compile(r"\[email-\d+\]|[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b")
PHONE = re.compile(r"\[phone-\d+\]|(?<![\w-])\+?\(?\d[\d ().-]{6,18}\d(?!\w)")
NUMBER = re.compile(
    r"(?<![\w.,-])(?P<sign>-)?(?P<money>[$€£]\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?![\w-]|[.,]\d)(?P<unit>\s?(?:%|dollars?|euros?|pounds?|usd|eur)(?!\w))?"
)
_NUMBER_WORD = re.compile(rf"(?i)\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b")
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(rf"(?i)\b(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b"),
    re.compile(rf"(?i)\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<n>{_MONTH})\.?,? (?P<y>\d{{4}})\b"),
)
_POSTAL = re.compile(
    r"(?P<street>\[address-\d+\]|\d{1,6}[A-Za-z]? [^\n,\d]{2,40}?(?:,? (?:apt|suite|unit|#)\.? ?\w{1,6})?)"
    r",\s*(?P<city>[^\W\d_][^\n,\d]{1,40}?),\s*(?P<region>[A-Z]{2}|[^\W\d_][^\n,\d]{2,25}?),?"
    r"\s+(?P<postal_code>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?:,\s*(?P<country>[^\W\d_][\w ]{2,25}))?"
)
_STREET = re.compile(
    r"\[address-\d+\]|(?<![\w-])\d{1,6}[A-Za-z]? (?:[A-Z][\w'’.-]* ){1,4}"
    r"(?:Street|St|Lane|Ln|Road|Rd|Avenue|Ave|Drive|Dr|Court|Ct|Row|Hill|Way|Place|Pl|Square|Sq|Boulevard|Blvd|Terrace"
    r"|Close|Crescent|Highway|Parkway)\b\.?"
)
_BECAUSE = re.compile(
    r"(?i)\b(?:because|since|as it|as they|reason(?: is|:)|the reason being|due to)\s+(?P<it>[^.!?\n]{3,200})"
)
_CLAUSE = re.compile(r"(?<=[.!?;\n])\s*|,\s+|\b(?:and|but)\s+")
_COMPLAINS = re.compile(
    r"(?i)^(?:it|they|these|those|this|that)\s+(?!(?:please|to|for|back|from|one|would|could|can|will)\b)\w+.*\w"
    r"|^(?:it|they|that)(?:['’](?:s|re)|s)\s+(?!(?:the|a|an|my|order|number|for|from|to|ok|okay|fine|right|correct)\b)[a-z]+.*\w"
    r"|^(?:the|my|its|their)\b[^?]{2,60}?\s(?P<it>(?:is|are|was|were|came|arrived|turned\s+out|has|have|had|fits?|feels?|looks?"
    r"|smells?|pinch(?:es)?|rubs?|hurts?|leaks?|itch(?:es)?|(?:does|do|did)(?:n't|\s+not))\s.+)"
    r"|^(?:too|wrong|size|colou?r|not\s+what)\s.+"
)
"""A clause that says what is wrong with a thing: "they rub at the heel"."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and the words of the text that say it."""

    value: Any
    text: str
    money: bool = False


def numbers(text: str) -> Iterator[Value]:
    """Numbers in digits or in words; those that are parts of ids, dates and addresses left out."""
    taken = [match.span() for pattern in _DATES for match in pattern.finditer(text)]
    for match in NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        number = float(match["digits"].replace(",", "")) * (-1 if match["sign"] else 1)
        money = bool(match["money"]) or bool(match["unit"] and "%" not in match["unit"])
        yield Value(int(number) if number.is_integer() else number, match[0].strip(), money)
    for match in _NUMBER_WORD.finditer(text):
        yield Value(_WORDS[match[0].lower()], match[0])


def dates(text: str) -> Iterator[Value]:
    """Whole dates, in ISO form; a date without its year, or in digits of doubtful order, is none."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if "m" in parts else _MONTHS[parts["n"].lower()]
            try:
                yield Value(date(int(parts["y"]), month, int(parts["d"])).isoformat(), match[0])
            except ValueError:
                continue


def ids(text: str, shapes: Sequence[str], label: str) -> Iterator[Value]:
    """Identifiers of the shapes given (``KO-2026-0150``); without a shape, one that follows its label."""
    if shapes:
        for shape in shapes:
            for match in _shaped(shape).finditer(text):
                yield Value(_respelt(match[0], shape), match[0])
        return
    words = re.escape(label.strip()).replace(r"\ ", r"[ _-]?")
    labelled = (
        rf"(?i)\b{words}s?(?: (?:number|no\.?|id|code))?\s*(?:is|:|=|#)?\s*#?"
        r"(?P<it>(?=[\w-]*\d)[\w-]{2,40})\b"
    )
    for match in re.finditer(labelled, text):
        yield Value(match["it"], match["it"])
    for match in re.finditer(r"#(?P<it>(?=[\w-]*\d)[\w-]{2,40})\b", text):
        yield Value(match["it"], match["it"])


def shapes_in(description: str) -> list[str]:
    """The identifiers that a description gives as examples: letters or dashes together with digits."""
    return re.findall(r"#?\b(?=[A-Za-z-]*\d)(?=[\w-]*[A-Z-])[A-Z]{1,6}[\w-]*\d\b", description)


def postal(text: str) -> dict[str, Value]:
    """The parts of a postal address that is written in one piece, or its street; none where there are two."""
    found = list(_POSTAL.finditer(text))
    if not found:
        streets = _STREET.findall(text)
        return {"street": Value(streets[0], streets[0])} if len(streets) == 1 else {}
    if len(found) != 1:
        return {}
    return {name: Value(part.strip(), part.strip()) for name, part in found[0].groupdict().items() if part}


def allowed(text: str, values: Iterable[str]) -> list[Value]:
    """The allowed values that a text names, spelling mistakes forgiven; best and longest first.

    A value that only stands inside a longer one that was named too is left out.
    """
    tokens = [match.span() for match in re.finditer(r"[\w'’.-]+", text)]
    found: list[tuple[float, str, str]] = []
    for value in dict.fromkeys(values):
        wanted = _bare(value)
        size = len(wanted.split())
        best = (0.0, "")
        for width in {max(1, size - 1), size, size + 1}:
            for at in range(len(tokens) - width + 1):
                named = text[tokens[at][0] : tokens[at + width - 1][1]]
                bare = _bare(named)
                # short words have too many neighbours for a likeness to mean anything
                likeness = (
                    fuzz.ratio(bare, wanted) if min(len(bare), len(wanted)) > 4 else 100.0 * (bare == wanted)
                )
                best = max(best, (likeness, named))
        if best[0] >= CLOSE:
            found.append((best[0], value, best[1]))
    kept = [
        item for item in found if not any(item is not other and _inside(item[2], other[2]) for other in found)
    ]
    return [Value(value, named) for _, value, named in sorted(kept, key=lambda item: -item[0])]


def partly_named(text: str, names: Iterable[str]) -> list[Value]:
    """The one name of which a text says more than of any other, such as "boots" of "Anvil Mid Boot"."""
    said = {stem(word): word for word in words(text) if word not in STOP_WORDS}
    shared = {name: set(content_stems(name)) & said.keys() for name in dict.fromkeys(names)}
    most = max(map(len, shared.values()), default=0)
    best = [name for name, both in shared.items() if most and len(both) == most]
    return [Value(name, said[min(shared[name])]) for name in best] if len(best) == 1 else []


def reasons(text: str) -> list[Value]:
    """Why something is asked for: what follows a "because", else the clause that complains of a thing."""
    found = [match["it"].strip() for match in _BECAUSE.finditer(text)]
    for clause in [] if found else _CLAUSE.split(text):
        match = None if clause.rstrip().endswith("?") else _COMPLAINS.match(clause.strip())
        if match is not None:
            found.append((match["it"] or match[0]).strip(" .!;"))
    return [Value(each, each) for each in found[:1]]


def _inside(words: str, others: str) -> bool:
    return len(words) < len(others) and words.lower() in others.lower()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("_", " ")))


def _shaped(shape: str) -> re.Pattern[str]:
    """A pattern for ids like `shape`: its letters kept, its digits any, its dashes any separator."""
    parts = []
    for letters, digits, other in re.findall(r"([A-Za-z]+)|(\d+)|([^A-Za-z\d])", shape):
        if letters:
            parts.append(re.escape(letters))
        elif digits:
            parts.append(rf"\d{{{len(digits)}}}")
        else:
            parts.append(r"[-\s_/]?" if other == "-" else f"{re.escape(other)}?")
    return re.compile(rf"(?i)(?<![\w-]){''.join(parts)}(?![\w-])")


def _respelt(text: str, shape: str) -> str:
    """An id in the spelling of its shape."""
    letters = iter(
        re.sub(r"[^A-Za-z\d]", "", text).upper() if shape.isupper() else re.sub(r"[^A-Za-z\d]", "", text)
    )
    return "".join(next(letters, "") if sign.isalnum() else sign for sign in shape)
