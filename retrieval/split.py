"""Cutting a document into passages: whole sentences, 40 to 100 words, within one section."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from .passage import Block, Document, Passage
from .sentences import sentences

LEAST_WORDS = 40
MOST_WORDS = 100
MOST_PIECES = 200
"""Estimated word pieces of a passage; MiniLM reads 256 and its headings need some."""
_IDEAL_WORDS = 75
_MOST_CHARACTERS = 300
"""A word longer than this is cut: it is data, not language."""

_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage with what is indexed beside its text."""

    passage: Passage
    context: str
    """Title, headings and table header: searched and embedded with the text, never quoted."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What a passage is made of: a sentence, an item, a row, or a piece of what is too long."""

    start: int
    end: int
    words: int
    pieces: int
    closes: bool
    """Whether a block ends here."""


def split(document: Document, tenant: str = "") -> list[Piece]:
    """Cut a document into passages, in order, without overlap.

    List items, rows and tables stay whole as long as they fit; headings are in `Passage.heading`, not
    in the text. Each passage fits `MOST_PIECES` by estimate.
    """
    owner = f"{tenant}\0" if tenant else ""
    named = f"{owner}{document.id}\0{document.sha256}"
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    made = []
    for _, group in groupby(document.blocks, key=lambda block: (block.heading, block.page, _alone(block))):
        blocks = list(group)
        sections = [[block] for block in blocks] if _alone(blocks[0]) else [blocks]
        for section in sections:
            first = section[0]
            for start, end in _packed([unit for block in section for unit in _units(document.text, block)]):
                passage = Passage(
                    id=f"{digest}-{start}-{end}",
                    text=document.text[start:end],
                    source=document.id,
                    tenant=tenant,
                    start=start,
                    end=end,
                    heading=first.heading,
                    page=first.page,
                )
                made.append(Piece(passage, _context(document, first, start)))
    return made


def _alone(block: Block) -> bool:
    """Tell whether a block shares no passage with its neighbours."""
    return block.kind in ("row", "table")


def _context(document: Document, block: Block, start: int) -> str:
    # Where a table goes on in a second passage, its header row is needed there.
    header = block.context if start > block.start or block.kind == "paragraph" else ""
    names = dict.fromkeys(name for name in (document.title, *block.heading, header) if name)
    return " > ".join(names)


def count_pieces(text: str) -> int:
    """Estimate the word pieces of `text`, rather too many than too few."""
    count = 0
    for match in _PIECE.finditer(text):
        length = match.end() - match.start()
        if match.group()[0].isdigit():
            count += (length + 1) // 2
        else:
            count += 1 if length <= 7 else 1 + (length - 4) // 4
    return count


def _units(text: str, block: Block) -> Iterator[_Unit]:
    whole = _unit(text, block.start, block.end, True)
    if block.kind != "paragraph" and _fits(whole):
        yield whole
        return
    if block.kind in ("table", "code"):
        spans = [
            (block.start + m.start(), block.start + m.end())
            for m in re.finditer(r"[^\n]+", text[block.start : block.end])
        ]
    else:
        found = sentences(text[block.start : block.end])
        spans = [(block.start + sentence.start, block.start + sentence.end) for sentence in found]
    if not spans:
        return
    if block.kind == "item":
        spans[0] = (block.start, spans[0][1])
    for index, (start, end) in enumerate(spans):
        unit = _unit(text, start, end, index == len(spans) - 1)
        yield from [unit] if _fits(unit) else _cut(text, unit)


def _unit(text: str, start: int, end: int, closes: bool) -> _Unit:
    if end - start > MOST_WORDS * _MOST_CHARACTERS:
        # Too long whatever is in it: counting megabytes would only take time.
        return _Unit(start, end, MOST_WORDS + 1, MOST_PIECES + 1, closes)
    piece = text[start:end]
    return _Unit(start, end, len(piece.split()), count_pieces(piece), closes)


def _fits(unit: _Unit) -> bool:
    return unit.words <= MOST_WORDS and unit.pieces <= MOST_PIECES


def _cut(text: str, unit: _Unit) -> Iterator[_Unit]:
    """Cut a sentence that is too long at its blanks, and a word that is too long anywhere."""
    start = end = unit.start
    counted = pieces = 0
    for word_start, word_end in _words(text, unit.start, unit.end):
        more = _pieces_of_word(text[word_start:word_end])
        if counted and (counted + 1 > MOST_WORDS or pieces + more > MOST_PIECES):
            yield _Unit(start, end, counted, pieces, False)
            start, counted, pieces = word_start, 0, 0
        counted, pieces, end = counted + 1, pieces + more, word_end
    if counted:
        yield _Unit(start, end, counted, pieces, unit.closes)


@lru_cache(maxsize=65536)
def _pieces_of_word(word: str) -> int:
    """Count the pieces of one word: megabytes of text repeat most of theirs."""
    return count_pieces(word)


def _words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(text, start, end):
        step = _MOST_CHARACTERS
        if match.end() - match.start() > step or _pieces_of_word(match.group()) > MOST_PIECES:
            step = MOST_PIECES // 2  # no character is more than one piece, give or take
        for first in range(match.start(), match.end(), step):
            yield first, min(first + step, match.end())


def _packed(units: list[_Unit]) -> Iterator[tuple[int, int]]:
    """Yield the spans of passages over the units of one section, of about equal length."""
    total = sum(unit.words for unit in units)
    target = max(LEAST_WORDS, total / max(1, round(total / _IDEAL_WORDS)))
    start, counted, pieces = 0, 0, 0
    for index, unit in enumerate(units):
        if counted == 0:
            start = unit.start
        counted, pieces = counted + unit.words, pieces + unit.pieces
        following = units[index + 1] if index + 1 < len(units) else None
        if following is None:
            yield start, unit.end
            return
        full = counted + following.words > MOST_WORDS or pieces + following.pieces > MOST_PIECES
        long_enough = counted >= target or (
            counted >= LEAST_WORDS and unit.closes and counted >= 0.75 * target
        )
        rest = total - counted
        if full or (long_enough and rest >= LEAST_WORDS / 2):
            yield start, unit.end
            counted, pieces, total = 0, 0, rest
