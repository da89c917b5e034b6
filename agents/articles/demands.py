"""What a brief asks for, point by point, and the topics of the documents that answer each point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from ...retrieval.passage import Passage
from ...retrieval.terms import content_stems, words
from ..brief import Brief
from .topics import Topic, best_of, shares
from .wishes import read_notes

_MOST = 12
"""Demands of one brief."""
_OPENING = re.compile(
    r"(?:how to|how do (?:i|you|we)|getting started with|guide to|questions (?:about|on)|all about)\s+",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"(?P<words>[\w-]+(?:, [\w-]+)*),? (?:and|or) (?P<last>[\w-]+(?: (?:after|up|out|back|off|away))?)"
    r" (?P<rest>.+)"
)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+")
_RELATIVE = re.compile(r"\b(?:that|which|who|whose)\b", re.IGNORECASE)
_WITH = re.compile(r"\s+(?:with|including)\s", re.IGNORECASE)
_STEPS = re.compile(r"\b(?:steps?|instructions?|procedure)\b", re.IGNORECASE)
_HOW_TO = re.compile(r"how to\b", re.IGNORECASE)
_ALL_DATES = re.compile(r"\b(?:every|all|each)(?: the)? dates?\b|\bdates? in full\b", re.IGNORECASE)
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
_LOOK_AFTER = re.compile(r"\blook(?:s|ing)? after\b", re.IGNORECASE)
_ENDING = re.compile(r"(?<=\w{4})(?:ag|ur|e)$")
"""What tells the stems of "store" and "storage" apart, and of "close" and "closure"."""
_FRAME = frozenset("step rule condit except detail procedur instruct date pric price weight cost".split())
"""Stems by which a point says what of its subject it wants."""
_ON_TOPIC, _NEAR, _UNNAMED, _FIRST_FOUND = 0.3, 0.5, 0.6, 0.8
"""Relevance, as part of the best topic's, below which a topic answers no demand that it does not plainly
name: one that the search for it finds first (by its score), one that names some of it, and any other."""
_DATED, _RULE, _ASIDE = 1.4, 1.4, 0.75
"""What a topic gains by dates where all are asked for, by stating the rule, and loses by an exception."""


class Level(IntEnum):
    """How far a topic names what is asked for."""

    NONE = 0
    BESIDE = 1
    """Half of the words, its document's title counted."""
    HALF = 2
    """Its heading has half of the words."""
    SPOKEN = 3
    """Its heading and first sentence have the words."""
    DOCUMENT = 4
    """Its document's title has them."""
    PART = 5
    """Its heading has what stands before "with"."""
    RULE = 6
    """It speaks of what stands before "with", and states the rule."""
    CORE = 7
    """Its heading has the words that name the subject, or two of three."""
    NAMED = 8
    """Its heading has all words."""
    DOCUMENT_VERBATIM = 9
    """Its document's title says the same."""
    VERBATIM = 10
    """Its heading says the same."""


_MEANT = frozenset({Level.DOCUMENT, Level.DOCUMENT_VERBATIM, Level.CORE, Level.NAMED, Level.VERBATIM})
"""Levels at which a topic is meant, however far its document is from the brief."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that the text must speak of."""

    text: str
    """In the words of the brief."""
    key: str
    """What a heading says that answers it."""
    near: bool = False
    """Whether only documents near to the brief can answer it: its words say little by themselves."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A topic that answers a demand."""

    topic: Topic
    level: Level
    near: bool = False
    """Whether it answers a demand of the topic and not of the notes."""


def demands(brief: Brief) -> list[Demand]:
    """The points of the notes in their order, then the several things that the topic itself names."""
    points: list[Demand] = []
    for point in read_notes(brief.notes).cover:
        shared = _SHARED.fullmatch(point)
        doing = shared is not None and all(word.endswith("ing") for word in _words(shared))
        texts = [f"{word} {shared['rest']}" for word in _words(shared)] if shared and doing else [point]
        points += [Demand(text, text) for text in texts]
    return list(dict.fromkeys([*points, *_in_topic(brief.topic)]))[:_MOST]


def _in_topic(topic: str) -> list[Demand]:
    """The things that a topic names side by side; none where it names one."""
    text = _OPENING.sub("", " ".join(topic.split()).rstrip(".?!"), count=1)
    found: list[Demand] = []
    for clause in re.split(r"[,;] and ", text):
        shared = _SHARED.fullmatch(clause)
        if shared is None and not _RELATIVE.search(clause):
            parts = _APART.split(clause)
            # of "the line of jackets, trousers and gloves" the jackets are the first
            short = max((len(part.split()) for part in parts[1:]), default=99) <= 2
            keys = [part.split()[-1] if short else part for part in parts]
            found += [Demand(part, key, near=True) for part, key in zip(parts, keys, strict=True)]
        if shared is None:
            continue
        for verb in _words(shared):
            objects = _SHARED.fullmatch(shared["rest"])
            things = (
                [f"{each} {objects['rest']}" for each in _words(objects)] if objects else [shared["rest"]]
            )
            keys = _words(objects) if objects else [""]
            found += [
                Demand(f"{verb} {thing}", f"{verb} {key}".strip(), near=True)
                for thing, key in zip(things, keys, strict=True)
            ]
    found = [each for each in found if content_stems(each.key)]
    return found if len(found) > 1 else []


def _words(shared: re.Match[str]) -> list[str]:
    """The words side by side that go with what follows them."""
    return [*shared["words"].split(", "), shared["last"]]


def answers(
    demand: Demand, topics: Sequence[Topic], found: Sequence[Passage], every_date: bool = False
) -> list[Answer]:
    """The topics that may answer a demand, the best first; none where an introduction does already.

    A heading that says all of the demand comes first, then a document that is named after it, a heading that
    says a good part or first words that do; then what the search found near to it. Among equals the rule
    comes before its exceptions.

    Args:
        demand: What is asked for.
        topics: What may answer, each with its relevance to the brief.
        found: What a search for the demand gave, scored.
        every_date: Whether topics with dates come first.
    """
    score, documents = shares(found), best_of(found)
    best = max((topic.relevance for topic in topics), default=0.0)
    rated: list[tuple[Level, float, Topic]] = []
    for topic in topics:
        if topic.opens or not topic.title or not topic.weight or topic.tabular:
            continue
        level = _level(topic, demand)
        own = max(score.get(passage.id, 0.0) for passage in topic.passages)
        found_first = own >= _FIRST_FOUND and level and not demand.near
        named = not demand.near or _stems(demand.text) <= _stems(f"{topic.title} {topic.document}")
        least = 0.0 if level in _MEANT and named else _ON_TOPIC if found_first else _NEAR
        # where nothing names what is asked for, the documents of the brief know it best
        least = least if level else _UNNAMED
        if topic.relevance < least * best:
            continue
        near = (0.6 * own + 0.4 * documents.get(topic.source, 0.0)) * (1.0 + topic.relevance)
        if EXCEPTIONAL.search(f"{topic.title} {topic.document}") and not EXCEPTIONAL.search(demand.text):
            near *= _ASIDE
        near *= _RULE if states_the_rule(topic) or (demand.near and topic.stepwise) else 1.0
        near *= _DATED if every_date and _DATE.search(topic.text) else 1.0
        if near > 0 or level:
            rated.append((level, near, topic))
    rated.sort(key=lambda row: (-row[0], -row[1]))
    if not rated or (rated[0][0] < Level.DOCUMENT and _introduced(demand, topics, best)):
        return []
    if rated[0][0] in (Level.DOCUMENT, Level.DOCUMENT_VERBATIM):
        # of a document that is meant as a whole, what its author put first
        rated.sort(key=lambda row: (-row[0], not (every_date and _DATE.search(row[2].text)), row[2].start))
    return [Answer(topic, level, demand.near) for level, _, topic in rated]


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
        named = [each for each in asked[number] if each.level >= min(Level.SPOKEN, best.level)]
        free = [each for each in named if each.topic not in others]
        first[number] = free[0] if free and best.level else best
        taken.append(first[number].topic)
    return [
        [first[n].topic, *_more(first[n], answers_, taken)] if n in first else []
        for n, answers_ in enumerate(asked)
    ]


def _first(found: Sequence[Answer]) -> tuple[bool, bool, int]:
    """What is named comes first, then demands of the notes before those of the topic, then the best named."""
    return (not found[0].level, found[0].near, -found[0].level) if found else (True, True, 0)


def _more(first: Answer, others: Sequence[Answer], taken: Sequence[Topic]) -> list[Topic]:
    """What answers a demand besides its first answer: of the same document and as plainly, or so headed."""
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
    return not demand.near and any(
        topic.opens and topic.relevance >= _NEAR * best and wanted <= _stems(topic.text) for topic in topics
    )


def asks_for_every_date(brief: Brief) -> bool:
    """Whether the notes want all dates told."""
    return bool(_ALL_DATES.search(brief.notes))


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
        return Level.NONE if not topic.stepwise else Level.NAMED if held else Level.HALF
    literally = re.compile(rf"\b{re.escape(demand.key.lower())}\b")
    spoken = bool(subject) and not demand.near and subject <= title | _stems(topic.first_sentence)
    rungs = (
        (Level.VERBATIM, bool(literally.search(topic.title.lower()))),
        (Level.DOCUMENT_VERBATIM, bool(literally.search(topic.document.lower()))),
        (Level.NAMED, wanted <= title),
        (Level.DOCUMENT, wanted <= document),
        (Level.CORE, bool(core) and (core <= title or 3 * len(wanted & title) >= 2 * len(wanted))),
        (Level.RULE, spoken and states_the_rule(topic)),
        (Level.PART, bool(subject) and subject < core and subject <= title),
        (Level.DOCUMENT, bool(core) and core <= document),
        (Level.SPOKEN, spoken),
        (Level.HALF, bool(core) and 2 * len(core & title) >= len(core)),
        (Level.BESIDE, bool(core) and 2 * len(core & (title | document)) >= len(core)),
    )
    level = next((level for level, holds in rungs if holds), Level.NONE)
    if not demand.near or level < Level.NAMED:
        return level
    # "How to return an item" is what "return" means; other headings only have the word
    return Level.VERBATIM if _HOW_TO.match(topic.title) and core <= title else Level.NAMED


def _stems(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; "down" is what jackets are filled with, too."""
    found = [_ENDING.sub("", stem) for stem in content_stems(_LOOK_AFTER.sub("care for", text))]
    return frozenset([*found, *(["down"] if "down" in words(text) else [])])
