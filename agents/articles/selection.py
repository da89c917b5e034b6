"""Which topics an article has: first what its brief asks for, then what else belongs to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ...retrieval.terms import content_stems
from ..brief import Brief
from .answers import EXCEPTION, EXCEPTIONAL
from .chapters import Chapter, chapters, merged
from .layout import record
from .stock_titles import stock_titles
from .topics import Topic

_FULL, _OVER, _ASKED, _FAR_OVER = 1.0, 1.1, 1.2, 1.3
"""Of the words asked for, where no more is added, what no addition may pass, what an answer to a point may,
and what one may where a section is wanting."""
_MORE = 2
"""Sections more than are wanted, where nothing else can hold the answer to a point; of an FAQ, all points."""
_RELEVANT, _LOOSE = 0.6, 0.4
"""Relevance, as part of the best topic's, below which a topic fills no article up: one of a document that the
brief does not speak of, and one of those that it does."""
_TOLD, _RICH = 4, 0.75
"""Points told, from which on what fills up must be as relevant in their documents as in others; and of the
words asked for, where nothing else fills up what tells as many points."""
_TRIES = 3
"""Topics that are tried for one demand."""
_DEAR, _DEARER, _SHORT = 1.2, 2.4, 0.8
"""What the titles may be worse off for a topic that nothing asks for, at first, and where the article has
less than this part of the words asked for."""
_LONGEST_TITLE = 70
_PREPARES = re.compile(
    r"(?:how to )?(?:install|prepar|set(?:ting)? up|sign(?:ing)? up|register)", re.IGNORECASE
)
"""Titles of documents without which the others cannot be followed."""
FIRST = re.compile(
    r"before (?:you|starting|the start|use)\b|(?:what )?you(?:'ll| will)? need\b|requirements?\b"
    r"|prerequisites?\b|preparations?\b|safety\b|warnings?\b",
    re.IGNORECASE,
)
"""Headings of what must be known before anything is done."""
GENERIC = frozenset(
    "introduction overview conclusion summary background facts faq details information notes general other"
    " miscellaneous contents credits license licence"
    " changelog contributing sponsors acknowledgements links about help questions more section part".split()
)
"""Headings of one word that say nothing of what stands under them."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The topics of an article, in its order, and the sections that they make."""

    chapters: list[Chapter]
    asked: list[Topic]
    """Those that answer a demand."""
    left: list[Topic]
    """Others that belong to the brief, the best first."""


def select(asked: Sequence[Sequence[Topic]], topics: Sequence[Topic], brief: Brief) -> Selection:
    """Choose topics, and share them out among sections whose titles cover them.

    Args:
        asked: For each demand the topics that answer it, the best first.
        topics: All that there are, the most relevant first.
        brief: Its topic, words, sections and kind.
    """
    chosen = _Chosen(asked, topics, brief)
    if (steps := _steps(asked, topics, brief)) is not None:
        chosen.add(steps, _OVER)
    more = len(asked) if brief.kind == "faq" else _MORE
    for answers in asked:
        tried = answers[:_TRIES]
        if not any(chosen.add(topic, _ASKED) for topic in tried) and tried:
            chosen.add(tried[0], _ASKED, more=more)
    further = [answers[1:] for answers in asked]
    turns = [topic for turn in zip_longest(*further) for topic in turn if topic is not None]
    # a rule is half of one without its exceptions
    for topic in sorted(turns, key=lambda topic: not EXCEPTION.search(topic.title)):
        chosen.add(topic, _OVER if EXCEPTION.search(topic.title) else _FULL)
    wanted = list(chosen.topics)
    chosen.settle()
    home = {topic.source for topic in wanted} or _homes(topics, brief)
    best = max((topic.relevance for topic in topics), default=0.0)
    told = len({answers[0].key for answers in asked if answers})
    loose = _RELEVANT if told >= _TOLD else _LOOSE
    fill = [t for t in topics if usable(t) and t not in wanted and t.relevance >= loose * best]
    if brief.kind != "news":
        # what was new at some time fills up nothing else
        fill = [t for t in fill if not t.periodical]
    at_home = [t for t in fill if t.source in home and not record(t.passages[0].text)]
    for dear in (_DEAR, _DEARER):
        for topic in sorted(at_home, key=lambda t: not _between(t, wanted)):
            full = len(chosen.chapters) >= brief.sections
            if full and told >= _TOLD and chosen.words >= _RICH * brief.words:
                break
            if dear == _DEAR or chosen.words < _SHORT * brief.words:
                chosen.add(topic, _FULL if len(chosen.chapters) >= brief.sections else _OVER, dear)
    others = [t for t in fill if t not in at_home and t.relevance >= _RELEVANT * best]
    others.sort(key=lambda t: bool(record(t.passages[0].text)))
    for limit in (_OVER, _FAR_OVER):
        for topic in [*at_home, *others]:
            if len(chosen.chapters) < brief.sections:
                chosen.add(topic, limit)
    if not chosen.topics and (bare := [topic for topic in topics if topic.weight and not topic.loose]):
        chosen.take(bare)
    left = [topic for topic in at_home or others if topic not in chosen.topics]
    return Selection(chosen.chapters, wanted, left)


def _steps(asked: Sequence[Sequence[Topic]], topics: Sequence[Topic], brief: Brief) -> Topic | None:
    """The steps that instructions are made of, where no demand has found any; None where there are none."""
    if brief.kind != "how-to" or any(answers[0].stepwise for answers in asked if answers):
        return None
    best = max((topic.relevance for topic in topics), default=0.0)
    near = [t for t in topics if t.stepwise and usable(t) and t.relevance >= _RELEVANT * best]
    return max(near, key=lambda t: t.relevance, default=None)


def _between(topic: Topic, chosen: Sequence[Topic]) -> bool:
    """Whether a topic stands between two of its document that are chosen: a course of doing has no gaps."""
    starts = [each.start for each in chosen if each.source == topic.source]
    return bool(starts) and min(starts) < topic.start < max(starts)


class _Chosen:
    """The topics chosen so far, and the sections that they make."""

    def __init__(self, asked: Sequence[Sequence[Topic]], topics: Sequence[Topic], brief: Brief) -> None:
        self.topics: list[Topic] = []
        self.chapters: list[Chapter] = []
        self._brief = brief
        self._settled: float | None = None
        self._asked = {answers[0].key for answers in asked if answers}
        self._place = _places(asked, topics, brief)
        self._doing = brief.kind == "how-to"
        self._sections = brief.sections

    def settle(self) -> None:
        """All that is asked for stands: from here on its titles are what others are compared with."""
        self._settled = _price(self.chapters) if self.topics else None

    @property
    def words(self) -> int:
        """Of all topics chosen."""
        return sum(topic.words for topic in self.topics)

    def add(self, topic: Topic, limit: float, dear: float = float("inf"), more: int = 0) -> bool:
        """Take a topic in, where there is room for it and a title that covers it; True where it stands.

        Args:
            topic: Maybe chosen already.
            limit: Part of the words asked for that may not be passed.
            dear: How much worse the titles may become: than what is asked for has them, or than they are.
            more: How many sections more than are wanted there may be for it.
        """
        if topic in self.topics:
            return True
        trial = in_order([*self.topics, topic], self._place, self._doing)
        words = sum(each.words for each in trial)
        if self.topics and words > limit * self._brief.words:
            return False
        joined = self._brief.kind != "faq"
        count = max(self._sections, self._brief.sections + more)
        made = chapters(trial, count, self._brief.topic, self._asked, joined)
        before = _price(self.chapters) if self._settled is None else self._settled
        if made is None or _price(made) - before > dear:
            return False
        self.topics, self.chapters = trial, merged(made)
        self._sections = max(self._sections, len(made))
        return True

    def take(self, topics: Sequence[Topic]) -> None:
        """Make one section of what there is, where nothing can bear a title of its own."""
        kept = topics[:1]
        for topic in topics[1:]:
            if sum(each.words for each in (*kept, topic)) <= self._brief.words:
                kept = [*kept, topic]
        title = next((t.title for t in kept if t.title), stock_titles(self._brief.kind, 1)[0])
        self.topics = list(kept)
        self.chapters = [Chapter(title, tuple(kept), 0.0)]


def _price(made: Sequence[Chapter]) -> float:
    return sum(chapter.price for chapter in made)


def usable(topic: Topic) -> bool:
    """Whether a topic can be a section: it says something, under a title of some words."""
    words = topic.title.lower().split()
    title = 1 <= len(words) <= 9 and len(topic.title) <= _LONGEST_TITLE and " ".join(words) not in GENERIC
    return topic.weight >= 2 and title and not topic.opens and not topic.loose


def in_order(topics: Sequence[Topic], place: dict[str, float], doing: bool = False) -> list[Topic]:
    """Topics as an article tells them: documents by the course of the brief, each in its own order.

    What is an exception or a mishap does not come first where another document can, and at the end of a
    document it waits until the others are told. Where something is done, what must be known before comes
    before the first steps of its document.
    """
    documents = sorted({topic.source for topic in topics}, key=lambda source: (place[source], source))
    told = {
        source: sorted((t for t in topics if t.source == source), key=lambda t: t.start)
        for source in documents
    }
    if doing:
        for source, mine in told.items():
            steps = next((t.start for t in mine if t.stepwise), None)
            known = [t for t in mine if steps is not None and t.start > steps and FIRST.match(t.title)]
            known = [t for t in known if not t.stepwise]
            at = next((n for n, t in enumerate(mine) if t.stepwise), 0)
            rest = [t for t in mine if t not in known]
            told[source] = [*rest[:at], *known, *rest[at:]]
    first = next((d for d in documents if not EXCEPTIONAL.search(told[d][0].title)), None)
    if first is not None:
        documents.remove(first)
        documents.insert(0, first)
    mains = {d: _until_mishaps(told[d]) for d in documents}
    return [
        *(topic for source in documents for topic in told[source][: mains[source]]),
        *(topic for source in documents for topic in told[source][mains[source] :]),
    ]


def _until_mishaps(topics: Sequence[Topic]) -> int:
    """How many topics of a document come before the exceptions and mishaps at its end; all where all are."""
    count = len(topics)
    while count and EXCEPTIONAL.search(topics[count - 1].title):
        count -= 1
    return count or len(topics)


def _places(asked: Sequence[Sequence[Topic]], topics: Sequence[Topic], brief: Brief) -> dict[str, float]:
    """The place of each document: where the brief first asks for it, then by relevance.

    What must be there before anything can be done comes first in instructions.
    """
    place: dict[str, float] = {}
    if brief.kind == "how-to":
        steps = _steps(asked, topics, brief)
        place |= {steps.source: -0.5} if steps is not None else {}
        place |= {topic.source: -1.0 for topic in topics if _PREPARES.match(topic.document)}
    for number, answers in enumerate(asked):
        for topic in answers[:1]:
            place.setdefault(topic.source, number)
    for number, topic in enumerate(topics):
        place.setdefault(topic.source, len(asked) + number)
    return place


def _homes(topics: Sequence[Topic], brief: Brief) -> set[str]:
    """The documents that speak of the brief's subject in their titles; all where none does."""
    about = set(content_stems(brief.topic))
    named = {topic.source for topic in topics if about & set(content_stems(topic.document))}
    return named or {topic.source for topic in topics}
