"""The passages that a text is held against, taken apart once: sentences, quotes and citation marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..passage import Passage
from ..sentences import Sentence, flat, sentences
from ..terms import Weights, plain
from .claim import Claim, claim_of

_MARK = re.compile(
    r"[ \t]*\[(?:[Pp]?\d{1,3}|[0-9a-f]{12}-\d+-\d+)(?:\s*[,;]\s*(?:[Pp]?\d{1,3}|[0-9a-f]{12}-\d+-\d+))*\]"
)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of a passage."""

    passage: int
    sentence: Sentence
    claim: Claim


class Sources:
    """The passages, taken apart once for all sentences of a text."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.all = [
            Source(index, sentence, claim_of(sentence.line))
            for index, passage in enumerate(passages)
            for sentence in _sentences(passage.text)
        ]

    @cached_property
    def quotes(self) -> list[tuple[str, dict[int, Source], set[int]]]:
        """Of each passage: its sentences in one string, where each starts, and where one ends."""
        rows = []
        for index in range(len(self.passages)):
            text, starts, ends = "", {}, set()
            for source in self.of(index):
                said = _normal(source.sentence.text)
                text += " " if text else ""
                starts[len(text)] = source
                text += said
                ends.add(len(text))
            rows.append((text, starts, ends))
        return rows

    @cached_property
    def commands(self) -> frozenset[str]:
        """The first words of the lines of code and of the code within prose."""
        spans = [match.group(1) for each in self.all for match in _SPAN.finditer(each.sentence.text)]
        lines = [each.sentence.text for each in self.all if each.sentence.code]
        firsts = [code.lstrip("$> ").split(maxsplit=1) for code in [*spans, *lines]]
        return frozenset(parts[0] for parts in firsts if len(parts) > 1)

    @cached_property
    def weights(self) -> Weights:
        """How much each word tells among these sentences."""
        return Weights([source.claim.text for source in self.all])

    def of(self, passage: int) -> list[Source]:
        """Return the sentences of one passage."""
        return [source for source in self.all if source.passage == passage]

    @cached_property
    def everything(self) -> frozenset[str]:
        """Content stems of all passages."""
        return frozenset(found for each in self._around for found in each.stems)

    def around(self, passage: int) -> Claim:
        """Return a whole passage with its headings."""
        return self._around[passage]

    @cached_property
    def _around(self) -> list[Claim]:
        return [claim_of(f"{'. '.join(each.heading)}. {flat(each.text)}") for each in self.passages]


@lru_cache(maxsize=1024)
def _sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a passage, which comes again with each text that is held against it."""
    return tuple(sentences(text, code=True) or [Sentence(text, 0, len(text))])


def passages_of(given: Sequence[Passage | str]) -> list[Passage]:
    """Return passages, strings among them as p1, p2 and so on; of two with one id, the later."""
    made: dict[str, Passage] = {}
    for number, each in enumerate(given, 1):
        name = f"p{number}"
        passage = (
            each if isinstance(each, Passage) else Passage(id=name, text=each, source=name, end=len(each))
        )
        made[passage.id] = passage
    return list(made.values())


def marked(text: str, ids: Sequence[str]) -> list[tuple[Sentence, list[int | None]]]:
    """Return the sentences without marks, each with the passages it cites; None stands for an unknown one."""
    kept, marks, at = "", [], 0
    for match in _MARK.finditer(text):
        kept += text[at : match.start()]
        at = match.end()
        marks.append((len(kept), [_cited(mark, ids) for mark in re.findall(r"[\w-]+", match.group())]))
    kept += text[at:]
    found = sentences(kept, code=True)
    cited: list[list[int | None]] = [[] for _ in found]
    for place, passages in marks:
        owner = max((index for index, sentence in enumerate(found) if sentence.start < place), default=0)
        if found:
            cited[owner] += passages
    return list(zip(found, cited, strict=True))


def _cited(mark: str, ids: Sequence[str]) -> int | None:
    if mark in ids:
        return ids.index(mark)
    number = int(mark.lstrip("Pp")) if mark.lstrip("Pp").isdigit() else 0
    return number - 1 if 1 <= number <= len(ids) else None


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    return normal(text)


def normal(text: str) -> str:
    """Reduce a sentence to what a quote must keep: words, numbers and inner punctuation."""
    folded = flat(plain(text)).translate(str.maketrans("‘’“”–—", "''\"\"--"))
    return folded.casefold().strip().rstrip(".!?;:").strip("\"' ")
