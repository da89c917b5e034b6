"""Sections of an article out of topics: what may stand together, and under which heading.

A topic stands under a heading only where the heading covers it: the document's own heading above both, a
heading that shares a word with it, or a title made of the two topics that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz

from ...retrieval.terms import STOP_WORDS, content_stems
from .answers import EXCEPTIONAL
from .self_reference import of_a_series
from .topics import Topic

_LONGEST, _LONGEST_CLAUSES, _MOST_JOINED = 8, 14, 3
"""Words that are joined in one title, those of clauses alone, and how many titles are."""
_NARROW = re.compile(
    r"(?:when|where|who|why|which|if|before|after|how (?:long|much|many|often|far))\b", re.IGNORECASE
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|has|have|stays?|closes|opens|differs?|moves?|becomes?|rises?|falls?|grows?|begins?"
    r"|ends?|starts?|runs?|gets?|comes?|goes|may|must|can|cannot|will|should)\b"
)
_CLAUSE = re.compile(r"(?:when|where|who|why|what|which|how|if)\b", re.IGNORECASE)
_PREPOSITION = re.compile(r"(?:in|on|at|for|from|by|with|without|no|not|under|over)\b", re.IGNORECASE)
_BARE = re.compile(r"(?:the )?(?:steps|procedure|instructions|rules|details)", re.IGNORECASE)
"""Headings that say something only under their document's title."""
OWN_NAME = re.compile(
    r"\b(?:guide|notes|handbook|manual|report|page|document|leaflet|sheet|readme|documentation|questions)\b",
    re.I,
)
"""What a document calls itself: a poor title for a section."""
_UNITS = frozenset("minut hour day week month year season".split())
_SUB, _UNDER, _NAMED_AFTER, _JOINED = 0.2, 0.6, 1.0, 1.6
"""Prices of a section: sub-sections under their own heading, topics that share a word with the first, topics
under their document's title, and two under a title made of theirs."""
_ROW = 5
"""Words that a row of a table counts for."""
_THIRD, _APART = 0.6, 0.4
"""What a title made of three costs more, and one of topics of several documents."""
_ITSELF, _OF_A_SERIES, _TOPIC_AGAIN = 1.0, 2.0, 1.0
"""What a title costs more that is a document's name for itself, that of an issue, or the article's again."""
_VAGUE = 0.6
"""What a document's title costs more as a question."""
_MISHAP = 0.3
"""What a document's title costs more for each exception or mishap that it covers."""
_UNEVEN, _HIDDEN, _WANTING = 0.4, 0.8, 6.0
"""Prices of a section far from its share of the words, of what the brief asks for without a section of its
own, and of one section too few."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Topics that stand under one title, in order."""

    title: str
    topics: tuple[Topic, ...]
    price: float
    """How far the title is from one that its documents give to all of this, from 0."""
    tells_all: bool = False
    """Whether the title names each of its topics."""


def chapters(
    topics: Sequence[Topic], count: int, subject: str, asked: Collection[str] = (), joined: bool = True
) -> list[Chapter] | None:
    """Share topics out among at most `count` sections, without changing their order; None where it cannot be.

    Args:
        topics: In the order of the article.
        count: Sections that are wanted; fewer come only where there is no other way.
        subject: Of the article: a title that only repeats it is the last choice.
        asked: Keys of the topics that the brief asks for: they had better have sections of their own.
        joined: Whether a title may be made of two.
    """
    size = len(topics)
    share = sum(topic.words for topic in topics) / max(1, min(count, size))
    price, before, made = _prices(topics, count, subject, asked, joined, share)
    ends = [(price[n][size] + _WANTING * (min(count, size) - n), n) for n in range(1, count + 1)]
    least, number = min(ends, default=(float("inf"), 0))
    if least == float("inf"):
        return None
    found: list[Chapter] = []
    end = size
    while number:
        start = before[number][end]
        found.append(made[start, end])
        number, end = number - 1, start
    return found[::-1]


def merged(found: Sequence[Chapter]) -> list[Chapter]:
    """Chapters of which no two have the same title: they are one, where the longest of them stands."""
    made: list[Chapter] = []
    for title in dict.fromkeys(chapter.title.lower() for chapter in found):
        same = sorted((c for c in found if c.title.lower() == title), key=lambda c: -_size(c))
        topics = tuple(topic for chapter in same for topic in chapter.topics)
        made.append(replace(same[0], topics=topics, price=sum(c.price for c in same)))
    place = {chapter.topics[0].key: number for number, chapter in enumerate(found)}
    return sorted(made, key=lambda chapter: place[chapter.topics[0].key])


def _size(chapter: Chapter) -> int:
    return sum(topic.words + _ROW * len(topic.rows) for topic in chapter.topics)


def _prices(
    topics: Sequence[Topic], count: int, subject: str, asked: Collection[str], joined: bool, share: float
) -> tuple[list[list[float]], list[list[int]], dict[tuple[int, int], Chapter]]:
    """The least price of the first topics in so many sections, and where the last of these begins."""
    size, never = len(topics), float("inf")
    price = [[never] * (size + 1) for _ in range(count + 1)]
    before = [[0] * (size + 1) for _ in range(count + 1)]
    price[0][0] = 0.0
    made: dict[tuple[int, int], Chapter] = {}
    for end in range(1, size + 1):
        for start in range(end):
            chapter = chapter_of(topics[start:end], topics[:start], subject, joined)
            if chapter is None:
                continue
            hidden = [t for t in chapter.topics if t.key in asked and t.title != chapter.title]
            if hidden and not chapter.tells_all:
                chapter = replace(chapter, price=chapter.price + _HIDDEN * len(hidden))
            made[start, end] = chapter
            off = (sum(topic.words for topic in chapter.topics) - share) / max(1.0, share)
            for number in range(1, count + 1):
                whole = price[number - 1][start] + chapter.price + _UNEVEN * off * off
                if whole < price[number][end]:
                    price[number][end], before[number][end] = whole, start
    return price, before, made


def chapter_of(
    topics: Sequence[Topic], earlier: Sequence[Topic], subject: str, joined: bool = True
) -> Chapter | None:
    """The best title for topics that stand together; None where there is none."""
    first, *others = topics
    again = _TOPIC_AGAIN if repeats(first.title, subject) else 0.0
    if not others:
        named = (
            short_title(first.document) if _BARE.fullmatch(first.title) and first.document else first.title
        )
        return Chapter(named, (first,), again)
    titles: list[tuple[float, bool, str]] = []
    if all(_above(first, other) for other in others):
        titles.append((_SUB + again, False, first.title))
    elif all(covers(first, other) for other in others):
        titles.append((_UNDER + again, False, first.title))
    shared = _shared_heading(topics)
    if shared and not any(topic.headings[: len(shared)] == shared for topic in earlier):
        title = short_title(shared[-1])
        issue = of_a_series(title, first.source.rpartition("/")[2])
        own = _OF_A_SERIES if issue else _ITSELF if OWN_NAME.search(title) else 0.0
        own += _VAGUE * (not joined) + _MISHAP * sum(
            bool(EXCEPTIONAL.search(topic.title)) for topic in others
        )
        own += _TOPIC_AGAIN * (repeats(title, subject) or _within(title, subject))
        if joined or not issue:
            titles.append((_NAMED_AFTER + own, False, title))
    asking = all(_CLAUSE.match(topic.title) for topic in topics)
    if (joined or asking) and (title := joint([topic.title for topic in topics])):
        apart = len({topic.source for topic in topics}) - 1
        titles.append((_JOINED + _THIRD * (len(topics) - 2) + _APART * apart, True, title))
    if not titles:
        return None
    price, tells_all, title = min(titles)
    return Chapter(title, tuple(topics), price, tells_all)


def covers(heading: Topic, other: Topic) -> bool:
    """Whether a topic may stand under the heading of another.

    Both have the same heading; or they stand in one document, and half of the words of the one heading are in
    the other, its document's own words apart. Of what stands below it the words tell too little: "electric
    bicycles are taken in" does not belong under "Take a bicycle".
    """
    if not heading.named or not other.named:
        return False
    if heading.title == other.title:
        return True
    if heading.source != other.source or narrow(heading.title):
        return False
    said = _stems(heading.title)
    own = said - _stems(heading.document)
    return bool(own) and 2 * len(own & _stems(other.title)) >= len(said)


def narrow(heading: str) -> bool:
    """Whether a heading asks for one thing alone or names an exception, and so covers nothing else."""
    return bool(_NARROW.match(heading) or EXCEPTIONAL.search(heading))


def repeats(title: str, subject: str) -> bool:
    """Whether a title is the article's over again."""
    return fuzz.ratio(title.lower(), subject.lower()) >= 88


def _within(title: str, subject: str) -> bool:
    """Whether a title says nothing that the article's does not say."""
    said = _stems(title)
    return bool(said) and said <= _stems(subject)


def short_title(title: str) -> str:
    """A document's title without the name of its series: "Velostad: passes and prices" is on these."""
    rest = title.rpartition(": ")[2].strip()
    return rest[:1].upper() + rest[1:] if len(rest.split()) > 1 else title


def joint(titles: Sequence[str]) -> str:
    """A title made of two or three; "" where that does not read well."""
    clauses = [bool(_CLAUSE.match(title)) for title in titles]
    plain = all(
        not re.search(r"[,:;.?!()]| and ", title)
        and not _PREPOSITION.match(title)
        and (len(title.split()) > 1 if clause else not _SENTENCE.search(title))
        for title, clause in zip(titles, clauses, strict=True)
    )
    words = sum(len(title.split()) for title in titles)
    most = _LONGEST_CLAUSES if all(clauses) else _LONGEST
    if not plain or words > most or not 2 <= len(titles) <= _MOST_JOINED:
        return ""
    first, *others = titles
    said = ", ".join([first, *(_small(title) for title in others[:-1])])
    comma = "," if any(clauses) else ""
    return f"{said}{comma} and {_small(others[-1])}"


def _small(title: str) -> str:
    """A title within another; a name keeps its capital."""
    words = title.split()
    named = len(words) > 1 and words[1][:1].isupper() and words[0].lower() not in STOP_WORDS
    return title if named or words[0].isupper() else title[:1].lower() + title[1:]


def _above(one: Topic, other: Topic) -> bool:
    """Whether a topic stands in a section that another opens."""
    above = one.headings
    return (
        one.source == other.source and bool(above) and other.headings[: len(above)] == above != other.headings
    )


def _shared_heading(topics: Sequence[Topic]) -> tuple[str, ...]:
    """The headings of one document that stand above all of the topics."""
    if len({topic.source for topic in topics}) > 1 or not all(topic.named for topic in topics):
        return ()
    paths = [topic.headings[:-1] for topic in topics]
    shared: tuple[str, ...] = ()
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        shared += level[:1]
    return shared


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem for stem in content_stems(text) if not stem.isdigit() and stem not in _UNITS)
