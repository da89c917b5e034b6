"""What the documents hold on a brief: the passages under each heading, and what can be made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ..retrieval.extract import Cited, leans, whole
from ..retrieval.passage import Passage
from ..retrieval.sentences import flat, sentences
from ..retrieval.terms import content_stems
from .layout import Grid, grid, record

Form = Literal["prose", "step", "item"]

_STEP = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]+", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*[-*+•][ \t]+", re.MULTILINE)
_CELL = re.compile(r"(?:^|; )[^:;\n]{1,40}: ([A-Z][^;\n]{25,300}[.!])(?=;|$)")
_NAME = re.compile(r"(?:^|; )(?:name|title|product): ([^;\n]{2,70})", re.IGNORECASE)
_END = re.compile(r"\n[ \t]*(?:\d{1,3}[.)]|[-*+•])[ \t]|\n[ \t]*\n")
_FEWEST_IN_LIST, _LONGEST_ITEM = 3, 400
_STEPS = re.compile(r"\b(?:steps?|how to|instructions?|procedure)\b", re.IGNORECASE)
_BONUS = 1.4
_ON_TOPIC = 0.3
"""Relevance, as part of the best topic's, below which a topic answers no point of the brief."""
_POINTS = re.compile(
    r"\b(?:below|above) (?:is|are|shows?|lists?)\b"
    r"|\b(?:table|list|hours|section|chart|figure)s? (?:below|above)\b"
    r"|\bthe (?:\w+ )?(?:table|chart|figure) (?:assumes|shows|gives|lists|says)\b"
    r"|\bfollowing (?:table|list|sections?|steps|chart)\b"
    r"|\bsee (?:the )?(?:table|section|page|chart|figure)\b"
    r"|\bthis (?:page|document|guide|article|section|leaflet|notice|handbook|manual)\b",
    re.IGNORECASE,
)
_SPEAKS_OF = re.compile(
    r"\b(?:explain|describe|collect|cover|list|summari[sz]e|contain|set)s?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Topic:
    """The passages under one heading of one document."""

    title: str
    """The heading; "" where the document has none there."""
    source: str
    passages: tuple[Passage, ...]
    """In the order of the document."""
    opens: bool
    """Whether it stands above the document's own sections, as an introduction does."""
    relevance: float = 0.0
    """To the brief, from 0 to 1."""

    @property
    def key(self) -> str:
        """Names it among the topics of one brief: the id of its first passage."""
        return self.passages[0].id

    @property
    def lines(self) -> list[tuple[Cited, Form]]:
        """All that it says, in the order of the document: its whole sentences, and the items of its lists."""
        listed: list[tuple[Cited, Form]] = [(item, "step") for item in self.steps]
        listed += [(item, "item") for item in self.items]
        found: list[tuple[Cited, Form]] = []
        for passage in self.passages:
            if grid(passage.text) is not None:
                continue
            if cells := _cells(passage):
                found += [(cited, "prose") for cited in cells]
                continue
            here = [(item, form) for item, form in listed if item.passage_id == passage.id]
            here += [
                (Cited(text, passage.id, sentence.start, sentence.end), "prose")
                for sentence in sentences(passage.text)
                if whole(text := flat(sentence.text))
                and not any(item.start <= sentence.start < item.end for item, _ in here)
                and not _points(text, " ".join(passage.heading[:1]))
            ]
            found += sorted(here, key=lambda pair: pair[0].start)
        while found and leans(found[0][0].text):
            del found[0]
        return found

    @property
    def whole(self) -> bool:
        """Whether nothing had to be left out of it."""
        told = sum(len(sentences(passage.text)) for passage in self.passages)
        return len(self.lines) == told

    @property
    def steps(self) -> list[Cited]:
        """The sentences of its numbered list, in order; none where it has no list of three or more."""
        return _listed(self.passages, _STEP)

    @property
    def items(self) -> list[Cited]:
        """The sentences of its list with bullets, in order."""
        return _listed(self.passages, _ITEM)

    @property
    def grids(self) -> list[tuple[Grid, str]]:
        """Its small tables, each with the id of its passage."""
        return [(found, passage.id) for passage in self.passages if (found := grid(passage.text)) is not None]

    @property
    def weight(self) -> int:
        """How many sentences and rows it could give."""
        return len(self.lines) + sum(len(rows.rows) for rows, _ in self.grids)


def topics_of(passages: Iterable[Passage]) -> list[Topic]:
    """Group the passages of whole documents by heading, in their order.

    A passage without a heading, such as a row of a table, is a topic of its own.
    """
    found = []
    for source, run in groupby(passages, key=lambda passage: passage.source):
        of_document = list(run)
        deep = any(len(passage.heading) > 1 for passage in of_document)
        for heading, group in groupby(of_document, key=lambda passage: passage.heading or passage.id):
            own = tuple(group)
            name = heading[-1] if isinstance(heading, tuple) else _named(own[0].text)
            opens = isinstance(heading, tuple) and len(heading) == 1 and deep
            found.append(Topic(clean(name), source, own, opens))
    return found


def ranked(
    topics: Sequence[Topic], found: Sequence[Passage], asked: str, leave_out: Sequence[str] = ()
) -> list[Topic]:
    """Give each topic its relevance, and leave out what the brief does not want.

    Half of it is the topic's own, half that of the best passage of its document.

    Args:
        topics: Of whole documents.
        found: What a search for the brief's topic gave, scored.
        asked: Topic and notes of the brief: a record counts only where its name is spoken of there.
        leave_out: Subjects; a document or a section that is named after one of them goes.
    """
    own, documents = shares(found), best_of(found)
    kept = []
    for topic in topics:
        if any(_about(topic, subject) for subject in leave_out) or not _meant(topic, asked):
            continue
        near = max((own.get(passage.id, 0.0) for passage in topic.passages), default=0.0)
        relevance = 0.5 * near + 0.5 * documents.get(topic.source, 0.0)
        kept.append(Topic(topic.title, topic.source, topic.passages, topic.opens, round(relevance, 6)))
    return sorted(kept, key=lambda topic: -topic.relevance)


def shares(found: Sequence[Passage]) -> dict[str, float]:
    """Scores of passages as parts of the best, by id."""
    best = max((passage.score for passage in found), default=0.0)
    return {passage.id: passage.score / best for passage in found} if best > 0 else {}


def best_of(found: Sequence[Passage]) -> dict[str, float]:
    """The best score of each document, as part of the best of all."""
    score = shares(found)
    best: dict[str, float] = {}
    for passage in found:
        best[passage.source] = max(best.get(passage.source, 0.0), score.get(passage.id, 0.0))
    return best


def answering(topics: Sequence[Topic], point: str, found: Sequence[Passage]) -> Topic | None:
    """The topic that answers a point best; None where none does.

    Good is what is near to the point, and stands in a document that is near to the brief; better is
    what has the point's name, and steps where the point asks for steps.
    """
    asked = set(content_stems(point))
    score, documents = shares(found), best_of(found)
    best = max((topic.relevance for topic in topics), default=0.0)
    rated = []
    for topic in topics:
        if not topic.opens and topic.title and topic.weight and topic.relevance >= _ON_TOPIC * best:
            own = max(score.get(passage.id, 0.0) for passage in topic.passages)
            near = 0.6 * own + 0.4 * documents.get(topic.source, 0.0)
            stepwise = _BONUS if _STEPS.search(point) and topic.steps else 1.0
            named = _BONUS if asked and asked <= set(content_stems(topic.title)) else 1.0
            rated.append((near * (1.0 + topic.relevance) * stepwise * named, topic))
    rate, found_topic = max(rated, key=lambda pair: pair[0], default=(0.0, None))
    return found_topic if rate > 0 else None


def clean(heading: str) -> str:
    """A heading without marks, links and numbering."""
    heading = re.sub(r"[*_`#\[\]]|\(https?:[^)]*\)", "", heading)
    return re.sub(r"^\s*\d+[.)]\s*", "", heading).strip(" :–-")


def _named(text: str) -> str:
    match = _NAME.search(text)
    return match.group(1).strip() if match else ""


def _about(topic: Topic, subject: str) -> bool:
    """Whether a topic, or its whole document, is named after a subject."""
    wanted = set(content_stems(subject))
    names = [topic.title, *(name for name in topic.passages[0].heading[:1]), topic.source.rpartition("/")[2]]
    return any(wanted & set(content_stems(name.replace("-", " ").replace("_", " "))) for name in names)


def _points(sentence: str, title: str) -> bool:
    """Whether a sentence speaks of its document, or of what stands elsewhere in it."""
    if _POINTS.search(sentence):
        return True
    verb = _SPEAKS_OF.search(sentence)
    named = {stem for stem in content_stems(title) if not stem.isdigit()}
    if verb is None or not named:
        return False
    return 2 * len(named & set(content_stems(sentence[: verb.start()]))) > len(named)


def _meant(topic: Topic, asked: str) -> bool:
    """Whether a record is one of those that the brief speaks of; any other topic may be."""
    if not record(topic.passages[0].text):
        return True
    name = set(content_stems(topic.title))
    return bool(name) and len(name & set(content_stems(asked))) >= min(2, len(name))


def _listed(passages: Sequence[Passage], marker: re.Pattern[str]) -> list[Cited]:
    """The items of a list, whole; none where there are fewer than three, or one is no sentence."""
    found = []
    for passage in passages:
        for match in marker.finditer(passage.text):
            end = _END.search(passage.text, match.end())
            text = passage.text[match.end() : end.start() if end else None].rstrip()
            if not re.search(r"[.!?][\"”’')\]`*]*$", text) or len(text) > _LONGEST_ITEM:
                return []
            found.append(Cited(flat(text), passage.id, match.end(), match.end() + len(text)))
    return found if len(found) >= _FEWEST_IN_LIST else []


def _cells(passage: Passage) -> list[Cited]:
    """The cells of a row that are sentences."""
    found = []
    for match in _CELL.finditer(passage.text):
        start = match.start(1)
        for sentence in sentences(match.group(1)):
            found.append(Cited(sentence.line, passage.id, start + sentence.start, start + sentence.end))
    return found
