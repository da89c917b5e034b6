"""What a brief asks for: points to cover, subjects to leave out, what its topic names; English, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...retrieval.sentences import sentences
from ...retrieval.terms import content_stems
from ..brief import Brief

_MOST = 12
"""Points of one brief, and subjects that it leaves out."""
_ENOUGH = 7
"""Points of the notes beside which what the topic names is not asked for as well."""
_ASKS = re.compile(
    r"^(?:please\s+)?(?:also\s+)?(?:cover|name|explain|include|mention|describe|give|say|list|present"
    r"|(?:show|tell|teach|remind)(?: (?:the )?[a-z]+(?= (?:what|how|when|where|which|who|whether|why)\b))?"
    r"|compare|report(?: on)?|set out|deal with|(?:start|begin|open|end|finish|close) with"
    r"|focus on|concentrate on|talk about|write about|go (?:through|over|into)|answer"
    r"|(?:take|lead|walk) (?:(?:the|our|your) )?\w+ through(?: (?:it|everything))?(?: in order)?)\b[:\s]*"
    r"|^also\s+",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"^(?:please\s+)?(?:use|write|keep|make|stay|be|address|speak|prefer"
    r"|(?:give|name|spell|write) (?:every|all|each))\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"^(?:please\s+)?(?:do not|don[’']t|never|avoid|leave out|omit|skip|exclude|nothing (?:on|about|of)"
    r"|say nothing (?:on|about|of))\b"
    r"[:\s]*",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"; (?=(?:please )?(?:do not|don[’']t|leave out|omit|skip|say nothing|nothing (?:on|about|of))\b)"
)
_CONFUSES = re.compile(
    r"^(?:mix(?:ing)?(?: up)?|confus(?:e|ing)|conflat(?:e|ing))\b.*?\bwith\b\s*", re.IGNORECASE
)
_SPEAKS = re.compile(
    r"^(?:mention|cover|discuss|include|describe|talk about|write about|speak of|promise|name|give|explain"
    r"|bring in|go into|get into)"
    r"\w*\s+",
    re.IGNORECASE,
)
_ANY = re.compile(
    r"(?:anything|everything|all|any (?:talk|mention)|talk|mention|details?|questions|whatever)"
    r" (?:about|on|of|(?:is )?(?:meant |intended |written )?(?:only )?for)\s+",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*\(([^()]*,[^()]*)\)")
_PARTS = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?")
_ALTERNATIVES = re.compile(r"\s*(?:[,;]\s*(?:and|or)?|\band\b|\bor\b)\s*")
_TWO = re.compile(r"(\w+) and (\w+)( (?:with|for|of|from|in|at|on)\b.+)?")
_LAST = re.compile(r"(.+?) and (.+)")
_FURTHER = re.compile(
    r"\s+and\s+(?:(?:say|tell(?: \w+)?|explain|show|describe)\s+)?"
    r"(?=(?:what|how|when|where|which|who|whether|why)\b(?:(?!.*\b(?:it|its|them|they|this|that|there)\b)"
    r"|.*\b(?:if|when|whether) (?:the|an?) \w+))",
    re.IGNORECASE,
)
"""Between two questions of one breath, of which the second can be understood alone."""
_THING = r"(?:(?:an?|the|your|our|one) (?:[\w-]+ )?[\w-]+|[\w-]+)"
_DOES = r"(?:is|are|was|were|has|have|can|cannot|may|must|will|do|does|\w{3,}s)"
_EITHER = re.compile(
    r"(?P<ask>(?:what|how|who|where|whether)\b.* (?:if|when|in case) )"
    rf"(?P<one>(?!{_THING} or )(?:(?P<who>you|they|we|people|it|I)\b)?.+?) or (?:(?:if|when) )?"
    rf"(?P<two>(?:{_THING}(?: [\w-]+)? {_DOES}\b"
    r"|(?:you|they|we|it|I|people|someone|somebody|something|there) \S+"
    r"|(?P<verb>(?:ha(?:ve|s) to|can(?:not|['’]t)?|must|come|arrive|miss|lose|bring|cancel|forget|get|give"
    r"|leave|turn (?:up|back|out|over)|need (?:an?|the|to|more|your)|want (?:an?|the|to|more))\b)).*)",
    re.IGNORECASE,
)
"""A question about two cases: "what happens if plans change or the van is back late"."""
_OR_WHEN = re.compile(
    r"(?P<ask>(?:what|who|how) (?:\w+ ){1,3}?)(?P<one>(?:in|at|on|during|after|before|with) .+?)"
    r" or (?P<two>(?:if|when) .+)",
    re.IGNORECASE,
)
"""The same with a time or a place first: "what happens in a storm or if we shut early"."""
_UNFINISHED = re.compile(
    r"(?:what|when|where|why|how(?: (?:much|many|long|often))?|if|whether) (?:an?|the|each|every) [\w-]+"
    r"(?:, [\w-]+(?: [\w-]+)?)*",
    re.IGNORECASE,
)
"""A question whose verb comes after the next comma: "what a parcel, a sofa and a load of timber cost"."""
_SAID_OF = re.compile(
    r"(?P<first>(?:what|when|where|why|how(?: \w+)?)"
    r" (?P<thing>(?:an?|the|your|our) (?:[\w-]+ ){0,2}?[\w-]+?)"
    r" (?:is|can|may|must|will|has|includes?|contains|covers|costs|opens|closes|works|holds|offers|takes"
    r"|starts|ends|lasts|means|needs|serves|sells|lends)\b.*?)"
    r" and (?P<second>(?:what|how|when|where|whether|why) )it\b"
    r"(?! (?:is|was) (?:\w+ ){1,3}to\b| (?:takes|matters|rains|snows)\b)(?P<rest>.*)",
    re.IGNORECASE,
)
"""Two questions about one thing, which the second calls it: "what a set contains and what it costs"."""
_SAID_OF_MANY = re.compile(
    r"(?P<first>(?:what|when|where|why|how(?: \w+)?) (?P<thing>(?:the |your |our )?[\w-]+s) "
    r"(?:are|can|may|must|will|have)\b.*?) and "
    r"(?P<second>(?:what|how|when|where|whether|why)(?: to \w+)? )(?:they|them)\b(?P<rest>.*)",
    re.IGNORECASE,
)
"""The same about things: "when parcels must be handed in and how to mark them"."""
_ASIDE = re.compile(r"(?:with|including|also)\b", re.IGNORECASE)
"""Begins what only adds to the point before."""
_ADDED = re.compile(
    r"\s+\((?:with|including|also)\s+(?P<bracket>[^()]+)\)|\s+\((?P<too>[^()]+) (?:too|as well)\)"
    r"|,?\s+including\s+(?P<rest>\S+\s+\S+.*)",
    re.IGNORECASE,
)
"""What a point adds in brackets, or as included: a point of its own, where it is of two words or more."""
_AND_THE = re.compile(r" and (?=(?:the|an?|any)\b)", re.IGNORECASE)
"""Between two things that a point adds."""
_LEADING = re.compile(r"^(?:the|a|an|any|its|their|and|or|both)\s+", re.IGNORECASE)
_OPENING = re.compile(
    r"(?:how to|how do (?:i|you|we)|getting started with|guide to|questions (?:about|on)|all about)\s+",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"(?P<words>[\w-]+(?:, [\w-]+)*),? (?:and|or) (?P<last>[\w-]+(?: (?:after|up|out|back|off|away))?)"
    r" (?P<rest>.+)"
)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+")
_BARE = re.compile(
    r"(?:what|how|when|where|which|who|whether|why)(?: \w+)?"
    r"|(?:what|which|who) (?:\w+ ){0,2}(?:is|are|do|does|can|may|not|(?:is|are|do|does|ca|wo)n['’]t|cannot)"
    r"|which (?:ha(?:s|ve)|must|are|is|needs?|may|can|cannot)\b.*",
    re.IGNORECASE,
)
"""A question that does not say what it is about: "how far", "what never is", "which have to be fetched"."""
_RELATIVE = re.compile(r"\b(?:that|which|who|whose)\b", re.IGNORECASE)
_ALL_DATES = re.compile(r"\b(?:every|all|each)(?: the)? dates?\b|\bdates? in full\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The notes of a brief, taken apart."""

    cover: tuple[str, ...] = ()
    """Points that the text must cover, in the order of the notes."""
    leave_out: tuple[str, ...] = ()
    """Subjects that it must not be about."""
    strike: tuple[str, ...] = ()
    """Of these, the ones that no sentence may speak of; the others it must only not be mixed up with."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that the text must speak of."""

    text: str
    """In the words of the brief."""
    key: str
    """What a heading says that answers it."""
    near: bool = False
    """Whether only documents near to the brief can answer it: its words say little by themselves."""


def read_notes(notes: str) -> Wishes:
    """Take notes apart; what only asks for a style is neither covered nor left out."""
    # a list in brackets names points like any other
    notes = _LISTED.sub(r", \1", notes)
    cover: list[str] = []
    second: list[str] = []  # of two things named in one breath; the first of each point comes first
    leave_out: list[str] = []
    strike: list[str] = []
    for line in (clause for each in sentences(notes) for clause in _CLAUSES.split(each.line.rstrip(".!"))):
        if _REFUSES.match(line):
            rest = _REFUSES.sub("", line)
            confused = bool(_CONFUSES.match(rest))
            named = _phrases(_ALTERNATIVES, (_CONFUSES if confused else _SPEAKS).sub("", rest))
            subjects = [_LEADING.sub("", _ANY.sub("", name, count=1)) for name in named]
            leave_out += subjects
            strike += [] if confused else subjects
        elif not _STYLE.match(line):
            phrases = [_ASKS.sub("", phrase) for phrase in _phrases(_PARTS, _ASKS.sub("", line))]
            last = _LAST.fullmatch(phrases[-1]) if len(phrases) > 2 else None
            whole = last and (_of_one_thing(phrases[-1]) or _UNFINISHED.fullmatch(phrases[-2]))
            if last is not None and not whole and not re.search(r",\s*(?:and|or)\b", line):
                phrases[-1:] = [last[1], last[2]]
            for point in _apart(phrases):
                alone, *further = _with_added(point)
                phrase, *other = _cases(alone)
                second += [*other, *further]
                two = _TWO.fullmatch(phrase)
                cover.append(f"{two[1]}{two[3] or ''}" if two else phrase)
                second += [f"{two[2]}{two[3] or ''}"] if two else []
    cover += second
    kept = (tuple(dict.fromkeys(each))[:_MOST] for each in (cover, leave_out, strike))
    return Wishes(*kept)


def demands(brief: Brief) -> list[Demand]:
    """The points of the notes in their order, then the several things that the topic itself names."""
    points: list[Demand] = []
    for point in read_notes(brief.notes).cover:
        shared = _SHARED.fullmatch(point)
        doing = shared is not None and all(word.endswith("ing") for word in _words(shared))
        texts = [f"{word} {shared['rest']}" for word in _words(shared)] if shared and doing else [point]
        points += [Demand(text, text) for text in texts]
    named = [] if len(points) >= _ENOUGH else _in_topic(brief.topic)
    return list(dict.fromkeys([*points, *named]))[:_MOST]


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


def asks_for_every_date(brief: Brief) -> bool:
    """Whether the notes want all dates told."""
    return bool(_ALL_DATES.search(brief.notes))


def _apart(phrases: Sequence[str]) -> list[str]:
    """Points as they can be answered: two questions apart, and what only adds to a point with it."""
    found: list[str] = []
    for phrase in phrases:
        if found and _UNFINISHED.fullmatch(found[-1]):
            found[-1] += f", {phrase}"
        elif found and _ASIDE.match(phrase):
            found[-1] += f" {phrase}"
        else:
            found += _questions(phrase)
    return found


def _with_added(point: str) -> list[str]:
    """A point, and what it adds to it as points of their own."""
    added = _ADDED.search(point)
    if added is None:
        return [point]
    said = (added["bracket"] or added["too"] or added["rest"]).strip()
    subjects = [_LEADING.sub("", each) for part in _FURTHER.split(said) for each in _AND_THE.split(part)]
    alone = [each for each in subjects if len(content_stems(each)) > 1 and not _RELATIVE.search(each)]
    if not alone:
        return [point]
    whole = point if len(alone) < len(subjects) else point[: added.start()] + point[added.end() :]
    return [whole, *alone]


def _cases(question: str) -> list[str]:
    """A question about two cases as two."""
    if apart := _OR_WHEN.fullmatch(question):
        return [f"{apart['ask']}{apart['one']}", f"{apart['ask']}{apart['two']}"]
    either = _EITHER.fullmatch(question)
    if either is None or (either["verb"] and (not either["who"] or re.search(r" to \w+$", either["one"]))):
        return [question]
    who = f"{either['who']} " if either["verb"] else ""
    return [f"{either['ask']}{either['one']}", f"{either['ask']}{who}{either['two']}"]


def _of_one_thing(phrase: str) -> re.Match[str] | None:
    """Two questions about one thing, which the second calls "it" or "them"; None where it is none."""
    return _SAID_OF.fullmatch(phrase) or _SAID_OF_MANY.fullmatch(phrase)


def _questions(phrase: str) -> list[str]:
    """The questions of one phrase that can be answered apart; "how far" says nothing by itself."""
    both = _of_one_thing(phrase)
    if both is not None and not _BARE.fullmatch(both["first"]):
        return [both["first"], *_questions(f"{both['second']}{both['thing']}{both['rest']}")]
    first, *rest = _FURTHER.split(phrase)
    found = [first]
    for each in rest:
        if _BARE.fullmatch(found[-1]) or _BARE.fullmatch(each):
            found[-1] += f" and {each}"
        else:
            found.append(each)
    return found


def _phrases(separator: re.Pattern[str], text: str) -> list[str]:
    parts = (_LEADING.sub("", part.strip()) for part in separator.split(text))
    return [part for part in parts if any(character.isalpha() for character in part)]
