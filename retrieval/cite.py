"""Holding a text against its sources: supported, misattributed, unsupported or contradicted?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .likeness import Measure, likeness_of
from .passage import Passage
from .sentences import Sentence
from .terms import words
from .verification.claim import Claim, claim_of
from .verification.code import commands, holder
from .verification.evidence import Evidence, Fault
from .verification.grounding import grounded
from .verification.lexicon import LIGHT, akin, item_of
from .verification.rules import STATED, first_fault
from .verification.sources import Source, Sources, marked, normal, passages_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.embeddings import Embeddings

    Judge = Callable[[str, str], float]
    """Takes a premise and a claim; returns the probability that one entails the other. 0.5 says nothing."""

__all__ = ["Judged", "Status", "Verification", "grounded", "verify"]

Status = Literal["supported", "misattributed", "unsupported", "contradicted"]
LEAST_OVERLAP = 0.50
"""Share of a sentence's content words that the two best source sentences must hold."""
_FEWEST_WORDS, _MOST_WORDS = 3, 60
EVEN = 0.5
"""Probability below which a judge rejects, and above which it accepts."""
_CANDIDATES = 3
_FEWEST_TOLD, _TOLD = 2, 0.65
"""Content words, and their share, in a source sentence that make it near however unlike the two are."""
_SAID = 0.2
"""What the share of words told is worth beside likeness, where source sentences are ranked."""
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
    judge: Judge | None = None,
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
        judge: What says how probable it is, 0 to 1, that a premise (one or two source sentences) entails a
            claim: `entailment_judge(model)`, or a cross-encoder. It is asked about what is no quote and
            passes the rules, which it may reject, and about what only shares too few words with its source,
            which it may accept where no figure, date or name is wrong.
    """
    sources = Sources(passages_of([passages] if isinstance(passages, str) else passages))
    rows = marked(text, [passage.id for passage in sources.passages])
    judged = {
        row: quote
        for row, (sentence, cited) in enumerate(rows)
        if (quote := _coded(sentence, cited, sources) or _quoted(sentence.line, cited, sources))
    }
    rest = [row for row in range(len(rows)) if row not in judged]
    measure: Measure | None = None
    english = language.lower().split("-")[0] == "en"
    if rest and english and sources.all:
        # A sentence first, then the statements that it joins: "the shop is open, and the café is closed".
        said = [[claim, *claim.joined] for claim in (claim_of(rows[row][0].line) for row in rest)]
        likeness = likeness_of([claim.text for claims in said for claim in claims], sources, embeddings)
        measure = likeness.measure
        taken = iter(likeness.rows)
        for row, claims in zip(rest, said, strict=True):
            near = [(claim, next(taken)) for claim in claims]
            judged[row] = _judge(rows[row][0].line, rows[row][1], sources, near, likeness.least, judge)
    else:
        reason = "only an exact quote counts in this language" if sources.all else "no passage is given"
        judged |= {row: Judged(rows[row][0].line, "unsupported", None, reason, None) for row in rest}
    return Verification(tuple(judged[row] for row in range(len(rows))), measure)


def _coded(sentence: Sentence, cited: Sequence[int | None], sources: Sources) -> Judged | None:
    """Judge a command; of prose with code in it, reject what holds code that no source has."""
    found, alone = commands(sentence.line, sentence.code, sources)
    first = {index for index in cited if index is not None}
    held = [holder(code, sources, first) for code in found]
    for code, source in zip(found, held, strict=True):
        if source is None:
            return Judged(sentence.line, "unsupported", None, f"the code {code!r} is not in the source", None)
    if alone and held and held[0] is not None:
        return _supported(sentence.line, held[0], sources, bool(cited) and held[0].passage not in first)
    return None


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
    line: str,
    cited: Sequence[int | None],
    sources: Sources,
    near: Sequence[tuple[Claim, Sequence[float]]],
    least: float,
    judge: Judge | None,
) -> Judged:
    """Judge one sentence by the rules, as a whole and then statement by statement."""
    form = _form(line)
    if form:
        return Judged(line, "unsupported", None, form, None)
    whole, *statements = [_held(claim, cited, sources, row, least, judge) for claim, row in near]
    judged = _judged(line, *whole, cited, sources)
    if (
        judged.status != "supported"
        and statements
        and all(fault is None and found for fault, found in statements)
    ):
        # The first statement's source stands for the sentence.
        return _judged(line, *statements[0], cited, sources)
    return judged


def _held(
    claim: Claim,
    cited: Sequence[int | None],
    sources: Sources,
    likeness: Sequence[float],
    least: float,
    judge: Judge | None,
) -> tuple[Fault | None, Source | None]:
    """Hold a claim against what it cites, then against everything."""
    known = {index for index in cited if index is not None}
    if known:
        fault, source = _against(claim, sources, likeness, least, known, judge)
        if fault is None and source is not None:
            return None, source
    return _against(claim, sources, likeness, least, None, judge)


def _judged(
    line: str, fault: Fault | None, source: Source | None, cited: Sequence[int | None], sources: Sources
) -> Judged:
    if source is None:
        return Judged(line, "unsupported", None, "no passage says anything like it", None)
    if fault is None:
        return _supported(line, source, sources, misattributed=bool(cited) and source.passage not in cited)
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
    claim: Claim,
    sources: Sources,
    likeness: Sequence[float],
    least: float,
    only: set[int] | None,
    judge: Judge | None,
) -> tuple[Fault | None, Source | None]:
    """Return the fault of the claim and the source sentence that decides; no source where none is near."""
    ranked = sorted(
        (index for index, source in enumerate(sources.all) if only is None or source.passage in only),
        key=lambda index: -likeness[index] - _SAID * _share(claim, sources.all[index].claim),
    )
    near = [
        index
        for index in ranked[:_CANDIDATES]
        if likeness[index] >= max(least, likeness[ranked[0]] - _WITHIN)
        or _told(claim, sources.all[index].claim)
    ] or [index for index in ranked[:_CANDIDATES] if _told(claim, sources.all[index].claim)]
    if not near and judge is not None:
        near = ranked[:1]
    first: tuple[Fault, Source] | None = None
    covered: set[str] = set()
    for index in near:
        source = sources.all[index]
        mates = [other for other in ranked if other != index and sources.all[other].passage == source.passage]
        missing = set(claim.items) - set(source.claim.items)
        mates.sort(key=lambda other: -len(missing & set(sources.all[other].claim.items)))
        pair = [source.claim, *(sources.all[other].claim for other in mates[:1])]
        holds = set(claim.stems) & {found for each in pair for found in each.stems}
        # Another sentence may serve instead of the best only where it speaks of all that the best does.
        alone = set(source.claim.stems) if first is not None and first[0].status == "contradicted" else holds
        if first is not None and not covered <= alone:
            continue
        told = {item for item in claim.items if item not in LIGHT or item in holds}
        given = told & {item for each in pair for item in each.items}
        given |= {item for item in told - given if akin(item) & holds}
        given |= {
            item_of(number)
            for number in claim.numbers
            if any(number.says(n) for each in pair for n in each.numbers)
        } & told
        evidence = Evidence(source.claim, pair, sources.around(source.passage), sources.everything)
        if len(given) < LEAST_OVERLAP * len(told):
            fault: Fault | None = Fault("unsupported", "too few of its words are in the source")
            if judge is not None and first is None and first_fault(claim, evidence, STATED) is None:
                fault = None if _probability(claim, pair, judge) > EVEN else fault
        else:
            fault = first_fault(claim, evidence)
            if fault is None and judge is not None:
                fault = _rejected(_probability(claim, pair, judge))
        if fault is None:
            return None, source
        if first is None:
            first, covered = (fault, source), holds
    return first if first is not None else (None, None)


def _share(claim: Claim, source: Claim) -> float:
    """Return the share of a claim's words and numbers that a source sentence holds."""
    told = {item for item in claim.items if item not in LIGHT}
    return len(told & set(source.items)) / len(told) if told else 0.0


def _told(claim: Claim, source: Claim) -> bool:
    """Tell whether a source says most words of a claim, however unlike the two are."""
    told = {item for item in claim.items if item not in LIGHT}
    held = len(told & set(source.items))
    return held >= _FEWEST_TOLD and held >= _TOLD * len(told)


def _probability(claim: Claim, near: Sequence[Claim], judge: Judge) -> float:
    return judge(" ".join(sentence.text for sentence in near), claim.text)


def _rejected(probability: float) -> Fault | None:
    if probability >= EVEN:
        return None
    return Fault("unsupported", f"the judge gives it {probability:.2f} of being entailed")
