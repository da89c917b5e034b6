"""The house's own words: what is avoided is said otherwise, left out, or told; what is wanted is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ...retrieval.extract import leans
from .prose import Line

Tone = Literal["no-exclamations", "no-superlatives"]
_KEPT = re.compile(r"`[^`]*`|“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"|(?<!\w)‘[^’]*’(?!\w)")
"""Code and quotations: their words are not ours to change."""
_SUPERLATIVE = re.compile(
    r"\b(?:best|greatest|finest|perfect|ultimate|unique|unbeatable|unrivalled|amazing|incredible"
    r"|world-class)\b",
    re.IGNORECASE,
)
_SHOWN = 80
"""Characters of a sentence in a remark."""


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """Words and tone of a publisher."""

    avoid: Mapping[str, str] = field(default_factory=dict)
    """Words to avoid, with what stands in their place; "" where nothing does."""
    use: tuple[str, ...] = ()
    """Words that an article should have."""
    tone: tuple[Tone, ...] = ()

    def line(self, text: str) -> str:
        """A title, or a sentence, with the house's words for those that it avoids and has a word for.

        Code and quotations stay as they are.
        """
        for word, instead in self.avoid.items():
            if instead:
                text = "".join(_put(part, word, instead) if ours else part for part, ours in _parts(text))
        return text

    def without_exclamation(self, text: str) -> str:
        """A sentence that ends in a full stop where the house does not exclaim."""
        return re.sub(r"!+$", ".", text) if "no-exclamations" in self.tone else text

    def faults(self, text: str) -> list[str]:
        """Words that a text should not have, quoted or not."""
        found = [word for word in self.avoid if _word(word).search(text)]
        if "no-superlatives" in self.tone:
            found += _SUPERLATIVE.findall(text)
        return found

    def missing(self, text: str) -> list[str]:
        """Words that a text should have and has not."""
        return [word for word in self.use if not _word(word).search(text)]


def styled(lines: Sequence[Line], style: HouseStyle) -> tuple[list[Line], list[str]]:
    """Say lines in the words of a house.

    A sentence with a word that is avoided, and has no other, is left out with those that lean on it. It
    stays, and is told, where it belongs to a list, for a list without one of its items says something else;
    and where the word stands in a quotation or in code.

    Returns:
        The lines that stay, and remarks for the receipt.
    """
    kept: list[Line] = []
    remarks: list[str] = []
    dropped = -1
    for line in lines:
        if line.form == "code":
            kept.append(line)
            continue
        if line.unit < 0 and line.paragraph == dropped and leans(line.text):
            remarks.append(f"left out with the sentence before it: {line.text[:_SHOWN]}")
            continue
        dropped = -1
        text = style.without_exclamation(style.line(line.text))
        barred = [word for word, instead in style.avoid.items() if not instead and _own(text, word)]
        if barred and line.unit < 0:
            remarks.append(f"left out for {barred[0]!r}: {text[:_SHOWN]}")
            dropped = line.paragraph
            continue
        remarks += [f"{word!r} stays: {text[:_SHOWN]}" for word in style.faults(text)]
        kept.append(replace(line, text=text, label=style.line(line.label)))
    return kept, remarks


def _own(text: str, word: str) -> bool:
    """Whether a text has a word outside of quotations and code."""
    return any(_word(word).search(part) for part, ours in _parts(text) if ours)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a text, and whether each is ours to change."""
    end = 0
    for match in _KEPT.finditer(text):
        yield text[end : match.start()], True
        yield match.group(), False
        end = match.end()
    yield text[end:], True


def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


def _put(text: str, word: str, instead: str) -> str:
    def cased(match: re.Match[str]) -> str:
        begins = match.group()[:1].isupper() and not word[:1].isupper()
        return instead[:1].upper() + instead[1:] if begins else instead

    return _word(word).sub(cased, text)
