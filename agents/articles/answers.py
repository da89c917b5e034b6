"""Which topics of the documents answer each thing that a brief asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ...retrieval.terms import content_stems, words
from .demands import Demand
from .topics import Topic

_WITH = re.compile(r"\s+(?:with|including)\s", re.IGNORECASE)
_STEPS = re.compile(r"\b(?:steps?|instructions?|procedure)\b", re.IGNORECASE)
_HOW_TO = re.compile(r"how to\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b|\b(?:January|February|March|April|June|July|August|September|October|November"
    r"|December) of each\b"
)
_BASE = re.compile(
    r"\b(?:standard|basics?|basic|in general|ordinary|normal|\d+-(?:hour|day|week|month|year))\b", re.I
)
_BASE_SENTENCE = re.compile(r"(?:Most|All|Every|Any|Usually|Normally|In general|As a rule)\b")
_EXCEPTIONS = r"cannot|can't|not|except\w*|without|outside|international|abroad|excluded"
EXCEPTION = re.compile(rf"\b(?:{_EXCEPTIONS})\b", re.IGNORECASE)
"""Headings of exceptions."""
EXCEPTIONAL = re.compile(
    rf"\b(?:{_EXCEPTIONS}|sold out|full|wrong|problems?|troubleshooting|accidents?|fails?|breaks?|broken"
    r"|damaged?|lost|worn|missing|errors?)\b",
    re.IGNORECASE,
)
"""Headings of what is not the rule: never the first thing that a reader meets."""
_SET_UP = re.compile(r"\bset(?:s|ting)? up\b", re.IGNORECASE)
_LOOK_AFTER = re.compile(r"\blook(?:s|ing)? after\b", re.IGNORECASE)
_ENDING = re.compile(r"(?<=\w{4})(?:ag|ur|e)$")
"""What tells the stems of "store" and "storage" apart, and of "close" and "closure"."""
_FRAME = frozenset("step rule condit except detail procedur instruct date pric price weight cost".split())
"""Stems by which a point says what of its subject it wants."""
_CLAUSE = re.compile(r"(?:what|when|where|who|whom|whose|which|why|how|if|whether)\b", re.IGNORECASE)
_NEAR = 0.5
"""Relevance, as part of the best topic's, below which a topic answers nothing that it is not plainly named
for, and nothing that the topic of the brief names."""
_HALF, _AS_GOOD = 0.15, 0.97
"""What half of the words in a heading count for; and how well, as part of the best answer, another must do to
answer in its place where that answers something else already."""
_AS_NEAR = 0.85
"""How near, as part of the nearest, the next one must be to be told as well."""
_SURE, _LEAST, _MARGIN = 0.45, 0.36, 0.02
"""Nearness from which on a topic answers what nothing is named for, and from which on it does where none
other is so near, by that margin."""
_AHEAD = 0.1
"""How much nearer than all topics what opens a document must be, where the document as a whole is meant."""
_DATED, _RULE, _ASIDE = 1.4, 1.4, 0.75
"""What a topic gains by dates where all are asked for, by stating the rule, and loses by an exception."""


class Level(IntEnum):
    """How plainly a topic is named for what is asked for."""

    NONE = 0
    DOCUMENT = 1
    """Its document's title has the words."""
    PART = 2
    """Its heading has what stands before "with"; or it has steps, and such are asked for."""
    RULE = 3
    """It speaks of what stands before "with", and states the rule."""
    CORE = 4
    """Its heading has the words that name the subject, or two of three."""
    NAMED = 5
    """Its heading has all words."""
    DOCUMENT_VERBATIM = 6
    """Its document's title says the same."""
    VERBATIM = 7
    """Its heading says the same."""


_MEANT = frozenset({Level.DOCUMENT, Level.DOCUMENT_VERBATIM, Level.CORE, Level.NAMED, Level.VERBATIM})
"""Levels at which a topic is meant, however far its document is from the brief."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A topic that answers a demand."""

    topic: Topic
    level: Level
    near: bool = False
    """Whether it answers a demand of the topic and not of the notes."""
    rate: float = 0.0
    """How well, among topics that are named as plainly."""


def answers(
    demand: Demand, topics: Sequence[Topic], near: Mapping[str, float], every_date: bool = False
) -> list[Answer]:
    """The topics that may answer a demand, the best first; none where an introduction does already.

    What is named for the demand comes first. Where nothing is, what is nearest to it answers, if that is near
    enough and clearly so. Among equals the rule comes before its exceptions.

    Args:
        demand: What is asked for.
        topics: What may answer, each with its relevance to the brief.
        near: How near each topic is to the demand, by its key.
        every_date: Whether topics with dates come first.
    """
    best = max((topic.relevance for topic in topics), default=0.0)
    meant = _document(topics, near)
    divided = {topic.source for topic in topics if topic.loose}
    rated: list[tuple[Level, float, Topic]] = []
    for topic in topics:
        if topic.opens or not (topic.title or topic.loose) or not topic.weight or topic.tabular:
            continue
        if topic.source in divided and not (topic.named or topic.loose):
            continue
        # an item of the agenda names what was talked about, and not what is said
        level = (
            Level.NONE
            if topic.loose or topic.minuted
            else max(_level(topic, demand), Level.DOCUMENT if topic.source == meant else Level.NONE)
        )
        if not (level or topic.loose) and any(block.apart for block in topic.blocks):
            continue  # its items answer, each by itself
        named = not demand.near or _stems(demand.text) <= _stems(f"{topic.title} {topic.document}")
        exempt = topic.source == meant or (named and level in _MEANT)
        least = _NEAR if (level or demand.near) and not exempt else 0.0
        if topic.relevance >= least * best:
            rate = near[topic.key]
            half = 0.0 if topic.minuted else _half(topic, demand)
            rate = rate * _weight(topic, demand, every_date) if level else rate + half
            rated.append((level, rate, topic))
    rated.sort(key=lambda row: (-row[0], -row[1]))
    if not rated or (rated[0][0] < Level.PART and _introduced(demand, topics, best)):
        return []
    if not rated[0][0] and not _clear([r for _, r, topic in rated if _apart(topic, rated[0][2])], demand):
        return []
    if rated[0][0] in (Level.DOCUMENT, Level.DOCUMENT_VERBATIM):
        # of a document that is meant as a whole, what its author put first
        rated.sort(key=lambda row: (-row[0], not (every_date and _DATE.search(row[2].text)), row[2].start))
    return [Answer(topic, level, demand.near, rate) for level, rate, topic in rated]


def _document(topics: Sequence[Topic], near: Mapping[str, float]) -> str:
    """The document that is meant as a whole, since what opens it is much the nearest; "" where none is."""
    opens = max((t for t in topics if t.opens), key=lambda t: near[t.key], default=None)
    other = max((near[t.key] for t in topics if not t.opens), default=0.0)
    if opens is None or near[opens.key] < max(_SURE, other + _AHEAD):
        return ""
    return opens.source if any(t.source == opens.source and not t.opens for t in topics) else ""


def _apart(one: Topic, other: Topic) -> bool:
    """Whether two topics are one, or none is a part of the other."""
    return one == other or one.loose == other.loose or one.source != other.source


def _half(topic: Topic, demand: Demand) -> float:
    """What a topic gains whose heading has half of the words."""
    wanted = _stems(demand.key) - _FRAME
    return _HALF if wanted and 2 * len(wanted & _stems(topic.title)) >= len(wanted) else 0.0


def _weight(topic: Topic, demand: Demand, every_date: bool) -> float:
    """What a topic counts for among those that are named as plainly."""
    aside = EXCEPTIONAL.search(f"{topic.title} {topic.document}") and not EXCEPTIONAL.search(demand.text)
    rule = states_the_rule(topic) or (demand.near and topic.stepwise)
    dated = every_date and _DATE.search(topic.text)
    return (_ASIDE if aside else 1.0) * (_RULE if rule else 1.0) * (_DATED if dated else 1.0)


def _clear(rates: Sequence[float], demand: Demand) -> bool:
    """Whether what is nearest is near enough to answer, and nearer than anything else."""
    first, second = sorted([*rates, 0.0], reverse=True)[:2]
    return first >= _SURE or (not vague(demand) and first >= _LEAST and first - second >= _MARGIN)


def vague(demand: Demand) -> bool:
    """Whether a demand says too little to be told by its words, as "what to see" does."""
    return bool(_CLAUSE.match(demand.key)) and len(words(demand.key)) <= 3


def assigned(asked: Sequence[Sequence[Answer]]) -> list[list[Topic]]:
    """For each demand the topic that answers it, and after it others of its document that name it too.

    One topic answers one demand, the one that it names best, where the other has an answer of its own. What
    the topic of the brief names may be answered already by what its notes ask for.
    """
    first: dict[int, Answer] = {}
    taken: list[Topic] = []
    for number in sorted(range(len(asked)), key=lambda n: _first(asked[n])):
        if not asked[number]:
            continue
        best = asked[number][0]
        others = [a.topic for n, a in first.items() if asked[n][0].near] if best.near else taken
        good = [each for each in asked[number] if each.level or each.rate >= _AS_GOOD * best.rate]
        free = [each for each in good if each.topic not in others and bool(each.level) == bool(best.level)]
        first[number] = free[0] if free else best
        taken.append(first[number].topic)
    return [
        [first[n].topic, *_more(first[n], answers_, taken)] if n in first else []
        for n, answers_ in enumerate(asked)
    ]


def _first(found: Sequence[Answer]) -> tuple[bool, bool, int, float]:
    """What is named comes first, then demands of the notes before those of the topic, then what fits best."""
    if not found:
        return (True, True, 0, 0.0)
    best = found[0]
    return (not best.level, best.near, -best.level, 0.0 if best.level else -best.rate)


def _more(first: Answer, others: Sequence[Answer], taken: Sequence[Topic]) -> list[Topic]:
    """What answers a demand besides its first answer: of the same document and as plainly, or so headed.

    Where nothing is named for it, the next nearest may be what is meant.
    """
    if not first.level:
        near = [each.topic for each in others if each.rate >= _AS_NEAR * first.rate]
        return [topic for topic in near if topic not in taken][:1]
    whole = (Level.DOCUMENT, Level.DOCUMENT_VERBATIM)
    levels = whole if first.level in whole else (Level.NAMED, Level.VERBATIM)
    return [
        each.topic
        for each in others
        if each.topic not in taken
        if each.topic.title == first.topic.title
        or (each.topic.source == first.topic.source and each.level in levels)
    ]


def _introduced(demand: Demand, topics: Sequence[Topic], best: float) -> bool:
    """Whether what opens a near document says all that is asked for."""
    wanted = _stems(demand.key)
    return (
        not demand.near
        and not _STEPS.search(demand.text)
        and len(wanted) > 1
        and any(
            topic.opens and topic.relevance >= _NEAR * best and wanted <= _stems(topic.text)
            for topic in topics
        )
    )


def states_the_rule(topic: Topic) -> bool:
    """Whether a topic is the rule and not a case of it, by its heading or its first words."""
    return bool(_BASE.search(topic.title) or _BASE_SENTENCE.match(topic.text))


def _level(topic: Topic, demand: Demand) -> Level:
    title, document = _stems(topic.title), _stems(topic.document)
    wanted = _stems(demand.key)
    subject = _stems(_WITH.split(demand.key)[0]) - _FRAME
    core = wanted - _FRAME or subject
    if _STEPS.search(demand.text):
        # steps are a numbered list, of what is asked for
        held = core <= title | document | _stems(topic.text)
        return Level.NONE if not topic.stepwise else Level.NAMED if held else Level.PART
    literally = re.compile(rf"\b{re.escape(demand.key.lower())}\b")
    spoken = bool(subject) and not demand.near and subject <= title | _stems(topic.first_sentence)
    rungs = (
        (Level.VERBATIM, bool(literally.search(topic.title.lower()))),
        (Level.DOCUMENT_VERBATIM, bool(literally.search(topic.document.lower()))),
        (Level.NAMED, bool(wanted) and wanted <= title),
        (Level.DOCUMENT, bool(wanted) and wanted <= document),
        (Level.CORE, bool(core) and (core <= title or 3 * len(wanted & title) >= 2 * len(wanted))),
        (Level.RULE, spoken and states_the_rule(topic)),
        (Level.PART, bool(subject) and subject < core and subject <= title),
        (Level.DOCUMENT, bool(core) and core <= document),
    )
    level = next((level for level, holds in rungs if holds), Level.NONE)
    if level == Level.NAMED and not demand.near and len(wanted) == 1 and _CLAUSE.match(demand.key):
        # "what members get" is more than "members"
        return Level.NONE
    if level < Level.NAMED or not demand.near:
        return level
    # "How to return an item" is what "return" means; other headings only have the word
    return Level.VERBATIM if _HOW_TO.match(topic.title) and core <= title else Level.NAMED


def _stems(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; "down" is what jackets are filled with, too."""
    found = [
        _ENDING.sub("", stem)
        for stem in content_stems(_SET_UP.sub("install", _LOOK_AFTER.sub("care for", text)))
    ]
    return frozenset([*found, *(["down"] if "down" in words(text) else [])])
