"""Holding a text against its sources: supported, misattributed, unsupported or contradicted?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .claim import Claim
from .evidence import Evidence, Fault
from .grounding import grounded
from .likeness import Measure, likeness_of
from .passage import Passage
from .rules import first_fault
from .sources import Source, Sources, marked, normal, passages_of
from .terms import words

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

__all__ = ["Judged", "Status", "Verification", "grounded", "verify"]

Status = Literal["supported", "misattributed", "unsupported", "contradicted"]
LEAST_OVERLAP = 0.50
"""Share of a sentence's content words that the two best source sentences must hold."""
_FEWEST_WORDS, _MOST_WORDS = 3, 60
_CANDIDATES = 3
_WITHIN = 0.12
"""Distance from the best likeness within which another source sentence is tried."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence and what its sources say of it."""

    text: str
    """The sentence, without its citation marks."""
    status: Status
    passage_id: str | None
    """The passage that supports it, or that contradicts it; None where none says anything of the kind."""
    reason: str
    """Why, in words; "" where it is supported."""
    span: tuple[int, int] | None
    """Where the best source sentence stands in the text of that passage."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The sentences of a text, in order."""

    sentences: tuple[Judged, ...]
    measure: Measure | None = None
    """How likeness was measured; None where every verdict came without."""

    @property
    def supported(self) -> bool:
        """Whether every sentence is."""
        return all(judged.status == "supported" for judged in self.sentences)


def verify(
    text: str,
    passages: Sequence[Passage | str] | str,
    embeddings: Embeddings | None = None,
    language: str = "en",
) -> Verification:
    """Judge each sentence of `text` against `passages`.

    A sentence may carry marks, ``[p1]``, ``[1]`` or ``[passage id]``, that say which passage it cites;
    they are taken out. The rules are English: in another language only exact quotes count as supported.

    Args:
        text: Prose or Markdown; headings are not judged.
        passages: What it may say; strings are called p1, p2 and so on.
        embeddings: How likeness is measured; None takes the stored MiniLM, and where it is not there,
            words.
        language: Of the text, as in "en" or "de-AT".
    """
    sources = Sources(passages_of([passages] if isinstance(passages, str) else passages))
    rows = marked(text, [passage.id for passage in sources.passages])
    judged = {
        row: quote
        for row, (sentence, cited) in enumerate(rows)
        if (quote := _quoted(sentence.line, cited, sources))
    }
    rest = [row for row in range(len(rows)) if row not in judged]
    measure: Measure | None = None
    english = language.lower().split("-")[0] == "en"
    if rest and english and sources.all:
        likeness = likeness_of([rows[row][0].line for row in rest], sources, embeddings)
        measure = likeness.measure
        for row, like in zip(rest, likeness.rows, strict=True):
            sentence, cited = rows[row]
            judged[row] = _judge(sentence.line, cited, sources, like, likeness.least)
    else:
        reason = "only an exact quote counts in this language" if sources.all else "no passage is given"
        judged |= {row: Judged(rows[row][0].line, "unsupported", None, reason, None) for row in rest}
    return Verification(tuple(judged[row] for row in range(len(rows))), measure)


def _quoted(line: str, cited: Sequence[int | None], sources: Sources) -> Judged | None:
    """Judge a sentence that is one or more whole sentences of a passage, word for word."""
    said = normal(line)
    if not any(character.isalnum() for character in said):
        return None
    holders: dict[int, Source] = {}
    for index, (text, starts, ends) in enumerate(sources.quotes):
        at = text.find(said)
        while at >= 0:
            if at in starts and at + len(said) in ends:
                holders.setdefault(index, starts[at])
                break
            at = text.find(said, at + 1)
    if not holders:
        return None
    right = [index for index in cited if index in holders]
    chosen = holders[right[0] if right and right[0] is not None else min(holders)]
    return _supported(line, chosen, sources, misattributed=bool(cited) and not right)


def _supported(line: str, source: Source, sources: Sources, misattributed: bool) -> Judged:
    found = sources.passages[source.passage].id
    reason = f"it cites another passage than {found!r}, which says it" if misattributed else ""
    span = (source.sentence.start, source.sentence.end)
    return Judged(line, "misattributed" if misattributed else "supported", found, reason, span)


def _judge(
    line: str, cited: Sequence[int | None], sources: Sources, likeness: Sequence[float], least: float
) -> Judged:
    """Judge one sentence by the rules, first against what it cites."""
    claim = Claim(line)
    form = _form(line)
    if form:
        return Judged(line, "unsupported", None, form, None)
    known = {index for index in cited if index is not None}
    if known:
        fault, source = _against(claim, sources, likeness, least, known)
        if fault is None and source is not None:
            return _supported(line, source, sources, misattributed=False)
    fault, source = _against(claim, sources, likeness, least, None)
    if source is None or fault is None:
        if source is not None:
            return _supported(line, source, sources, misattributed=bool(cited))
        return Judged(line, "unsupported", None, "no passage says anything like it", None)
    span = (source.sentence.start, source.sentence.end)
    return Judged(line, fault.status, sources.passages[source.passage].id, fault.reason, span)


def _form(line: str) -> str:
    """Return what makes a sentence no claim at all; "" where it is one."""
    count = len(words(line))
    if line.rstrip().endswith("?"):
        return "a question claims nothing"
    if count < _FEWEST_WORDS:
        return "too short to be judged"
    return "too long to be judged" if count > _MOST_WORDS else ""


def _against(
    claim: Claim, sources: Sources, likeness: Sequence[float], least: float, only: set[int] | None
) -> tuple[Fault | None, Source | None]:
    """Return the fault of the claim and the source sentence that decides; no source where none is near."""
    ranked = sorted(
        (index for index, source in enumerate(sources.all) if only is None or source.passage in only),
        key=lambda index: -likeness[index],
    )
    near = [
        index
        for index in ranked[:_CANDIDATES]
        if likeness[index] >= max(least, likeness[ranked[0]] - _WITHIN)
    ]
    first: tuple[Fault, Source] | None = None
    covered: set[str] = set()
    for index in near:
        source = sources.all[index]
        mates = [other for other in ranked if other != index and sources.all[other].passage == source.passage]
        pair = [source.claim, *(sources.all[other].claim for other in mates[:1])]
        holds = set(claim.stems) & {found for each in pair for found in each.stems}
        # Another sentence may serve instead of the best only where it speaks of all that the best does.
        if first is not None and not covered <= holds:
            continue
        if len(holds) < LEAST_OVERLAP * len(set(claim.stems)):
            fault: Fault | None = Fault("unsupported", "too few of its words are in the source")
        else:
            fault = first_fault(claim, Evidence(source.claim, pair, sources.around(source.passage)))
        if fault is None:
            return None, source
        if first is None:
            first, covered = (fault, source), holds
    return first if first is not None else (None, None)
