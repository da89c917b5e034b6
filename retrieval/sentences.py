"""Where a text is split into sentences: the one place that does it, spans included.

`sentencex` finds the boundaries within a run of prose. Around it, this module keeps what the library
does not know: list items and table rows stand alone, headings are not sentences, a wrapped line is no
boundary, and "1 p.m. Eastern" is not two sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_ITEM = re.compile(r"[ \t]*(?:>[ \t]?)*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:[ \t]|$)")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t\r]*$")
_RULE = re.compile(r"[ \t\r|:*_=-]*$")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")

# Abbreviations that the library takes for the end of a sentence.
_ABBREVIATION = re.compile(
    r"\b(?:approx|avg|cf|corp|dept|ed|est|excl|ext|fig|ft|hr|hrs|in|incl|kg|km|lb|lbs|max|mg|min|misc|mm|mo|oz"
    r"|pp|ref|sec|tel|temp|vol|yr|yrs|Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep"
    r"|Sept|Oct|Nov|Dec)\.$"
)
_CLOCK = re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:Eastern|Central|Mountain|Pacific|Atlantic|Hawaii|Alaska|Greenwich|[A-Z]{2,4}T\b|[ECMP]T\b|GMT|UTC|BST"
    r"|local\b|Mon|Tues?|Wed|Thu|Fri|Sat|Sun|[a-z0-9(,;–-])"
)
# Words, written small, that the library takes for an abbreviation written with a capital: "if you are ill."
_WORD_TOO = re.compile(r"\b(?:no|me|ill|art|fed|may|miss|long)\.(?=\s+[A-Z][a-z])")
_DOTTED_INITIALS = re.compile(r"\b(?:U\.S|U\.K|E\.U|D\.C|e\.g|i\.e|etc)\.$")
_CLOSES = re.compile(r"(?:\*{1,3}|_{1,3})(?=\s|$)")
"""Marks that end what is in bold or italics: they belong to the sentence before."""
_GOES_ON = re.compile(r"[a-z0-9,;:)–-]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: ``text[start:end]`` of what was split, exactly."""

    text: str
    start: int
    end: int
    code: bool = False
    """Whether it is a line of code between fences."""

    @property
    def line(self) -> str:
        """The sentence on one line: wraps and quote marks of Markdown are folded away."""
        return flat(self.text)


def flat(text: str) -> str:
    """Fold line wraps (with the ``>`` of a quotation) and runs of blanks into single blanks."""
    return " ".join(re.sub(r"\n[ \t]*>[ \t]?", "\n", text).split())


def sentences(text: str, code: bool = False) -> list[Sentence]:
    """Split `text`, prose or Markdown, into its sentences, in order, without overlap.

    Headings, rulers and code between fences are left out; a list item's marker is not part of its sentence.

    Args:
        text: Prose or Markdown.
        code: Whether each line of code counts as a sentence.
    """
    return [
        Sentence(text[start:end], start, end, fenced)
        for first, last, fenced in _runs(text, code)
        for start, end in (_trimmed(text, first, last) if fenced else _bounds(text, first, last))
    ]


def _runs(text: str, code: bool) -> Iterator[tuple[int, int, bool]]:
    """Yield the spans that hold prose, a paragraph, a list item, a table row, and lines of code as such."""
    start = end = None
    position, fenced, ended = 0, False, True
    for line in text.splitlines(keepends=True):
        first, position = position, position + len(line)
        item = _ITEM.match(line)
        fence = _FENCE.match(line)
        fenced ^= bool(fence)
        # "30. The rest" in the middle of a wrapped sentence is no list item.
        starts_item = item and (ended or not item.group().strip()[0].isdigit())
        alone = fenced or fence or _RULE.match(line) or _HEADING.match(line) or _ROW.match(line)
        if (alone or starts_item) and start is not None and end is not None:
            yield start, end, False
            start = end = None
        if not alone:
            if start is None:
                skipped = item if starts_item else _QUOTE.match(line)
                start = first + (skipped.end() if skipped else 0)
            end = position
        elif (code and _says(line) and not fence) if fenced else (_ROW.match(line) and not _RULE.match(line)):
            yield first, position, fenced
        ended = not line.strip() or line.rstrip()[-1] in ".:;!?" or bool(starts_item)
    if start is not None and end is not None:
        yield start, end, False


def _trimmed(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield one line without the white space around it."""
    line = text[first:last]
    start = first + len(line) - len(line.lstrip())
    yield start, start + len(line.strip())


def _bounds(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of one run, trimmed of white space."""
    import sentencex

    start = first
    at = first
    found: list[str] = sentencex.segment("en", text[first:last])
    pieces = [part for piece in found for part in _apart(piece)]
    for index, piece in enumerate(pieces):
        at += len(piece)
        following = pieces[index + 1] if index + 1 < len(pieces) else ""
        marks = _CLOSES.match(text, at, last)
        after = marks.end() if marks else at
        said = text[start:after].rstrip()
        if following and (_belongs_together(said[-12:], following.lstrip()) or not _says(said)):
            continue
        trimmed_start = start + len(text[start:after]) - len(text[start:after].lstrip())
        trimmed_end = start + len(said)
        if trimmed_start < trimmed_end:
            yield trimmed_start, trimmed_end
        start = after


def _apart(piece: str) -> list[str]:
    """Cut a piece after a word that is no abbreviation."""
    ends = [match.end() for match in _WORD_TOO.finditer(piece)]
    return [piece[start:end] for start, end in pairwise([0, *ends, len(piece)]) if start < end]


def _belongs_together(tail: str, following: str) -> bool:
    """Tell whether a boundary after `tail` is none."""
    if _CLOCK.search(tail):
        return bool(_AFTER_CLOCK.match(following))
    if _ABBREVIATION.search(tail) or _DOTTED_INITIALS.search(tail):
        return bool(_GOES_ON.match(following))
    return not _says(following)


def _says(text: str) -> bool:
    """Tell whether there is a letter or digit in `text`."""
    return any(character.isalnum() for character in text[:400])
