"""Reading a customer's message by rule: its questions, what a follow-up refers to, a yes or a no, a mood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..retrieval.sentences import sentences
from ..retrieval.terms import STOP_WORDS, content_stems, words

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MOST_PARTS = 4
"""Questions of one message that are answered one by one; what is over that stays with the last."""
_ASKS = r"how|what|when|where|who|which|why|can|could|do|does|did|is|are|will|would|may|should"
_JOINED = re.compile(rf",?\s+and\s+(?=(?:also\s+)?(?:{_ASKS})\s+\w+\s+\w+)", re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear\s+\w+|good\s+(?:morning|afternoon|evening|day))\b[^.!?\n]{0,20}?"
    r"(?:[,.!]+\s*|\s+(?=\w))",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\s*(?:ok(?:ay)?,?\s*)?(?:many\s+)?(?:thanks|thank\s+you|cheers)\b[^?]{0,40}$", re.IGNORECASE
)
_VERBS = (
    "cancel|return|send|exchange|swap|refund|change|update|track|check|show|find|start|open|make|put|stop"
)
_AND_DO = re.compile(
    rf"(?:,|\band\b|\bthen\b)\s+(?:then\s+)?(?:also\s+)?(?:please\s+)?(?=(?:{_VERBS})\b)", re.IGNORECASE
)
_REQUEST = re.compile(
    rf"^(?:and\s+|also,?\s+|then\s+|oh,?\s+)*(?:please,?\s+|kindly\s+)?(?:{_VERBS})\b"
    rf"|\bI(?:'d|\s+would)?\s+(?:also\s+)?(?:like|want|need|wish)\s+(?:you\s+)?to\s+(?:{_VERBS})\b"
    r"|\bplease\b|^(?:tell|let|remind|give|explain)\b|\bI\s+(?:want|need)\s+(?:a|an|my)\b",
    re.IGNORECASE,
)


def split(message: str) -> list[str]:
    """Split a message into its questions and requests, in order; what only leads up to one stays with it.

    Greetings and thanks around a question are dropped. A message without a question is one part.
    """
    parts: list[str] = []
    lead: list[str] = []
    for sentence in sentences(message):
        line = _GREETING.sub("", f"{sentence.line} ").strip()
        asks = line.endswith("?")
        if not line or (not asks and _THANKS.match(line) and (parts or lead)):
            continue
        if not asks and not _REQUEST.search(line):
            lead.append(line)
            continue
        pieces = (_JOINED if asks else _AND_DO).split(line)
        if len(words(pieces[0])) < 3:
            # "when and where is it" asks two things of one
            pieces = [line]
        pieces = [
            piece if piece.endswith("?") or not asks else f"{piece}?" for piece in map(str.strip, pieces)
        ]
        parts += [" ".join([*lead, pieces[0]]), *pieces[1:]]
        lead = []
    if parts and lead and not _only_greets(lead):
        parts[-1] = " ".join([parts[-1], *lead])
    parts = parts or [" ".join(lead) or message.strip()]
    return (
        parts if len(parts) <= MOST_PARTS else [*parts[: MOST_PARTS - 1], " ".join(parts[MOST_PARTS - 1 :])]
    )


def _only_greets(lines: Sequence[str]) -> bool:
    return not any(content_stems(line) for line in lines)


# -- follow-ups

_OPENS = re.compile(
    r"^(?:ok(?:ay)?,?\s+)?(?:and|but|or|also|so|what\s+about|how\s+about|what\s+if|even\s+if|same\s+(?:for|with)"
    r"|and\s+what\s+about|and\s+how\s+about)\b[\s,]*",
    re.IGNORECASE,
)
_ASKING = re.compile(rf"\b(?:{_ASKS}|i|we|you|there)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|they|them|that|those|these|this|one|ones)\b(?!\s+\w+ing\b)", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"^(?:for|to|in|at|with|on|from|of|by|without)\s+(?:the\s+|a\s+|an\s+)?", re.IGNORECASE
)
_FRONT = re.compile(
    rf"^(?:{_ASKS}|much|many|long|far|often|soon|days|hours|weeks|time|i|we|you|it|have|has|be|get|the\s+(?:cost|price)\s+of|there)\s+",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\s+(?:cost|costs|take|takes|work|works|last|lasts|be|have|mean|allowed|possible)$", re.IGNORECASE
)
_LIKE = 0.3
"""Likeness of two words from which one takes the place of the other."""


def follows(question: str) -> bool:
    """Tell whether a question can only be understood after the one before."""
    if _OPENS.match(question) and len(words(question)) <= 12:
        return True
    told = len(set(content_stems(question)))
    return told <= 1 or (told <= 3 and bool(_PRONOUN.search(question)))


def resolve(question: str, previous: str, embeddings: Embeddings | None = None) -> str:
    """Complete a follow-up with what the question before was about; any other question stays as it is.

    "And for sandals?" after "Can I return boots?" becomes "Can I return sandals?".
    """
    if not previous or not follows(question):
        return question
    rest = _OPENS.sub("", question).strip() or question
    if _ASKING.search(rest):
        topic = topic_of(previous)
        said = _PRONOUN.sub(lambda _: topic, rest, count=1)
        return said if said != rest else f"{rest.rstrip('?. ')}, {topic}?"
    thing = _PREPOSITION.sub("", rest).rstrip("?!. ")
    place = _counterpart(thing, previous, embeddings)
    if place:
        return re.sub(rf"\b{re.escape(place)}\b", thing, previous, count=1)
    return f"{previous.rstrip('?. ')} {rest.rstrip('?. ')}?"


def topic_of(question: str) -> str:
    """Return what a question is about, without the words that only ask."""
    last = question.rsplit(". ", 1)[-1].rstrip("?!. ")
    while (shorter := _FRONT.sub("", last)) != last and content_stems(shorter):
        last = shorter
    shorter = _BACK.sub("", last)
    return shorter if content_stems(shorter) else last


def _counterpart(thing: str, previous: str, embeddings: Embeddings | None) -> str:
    """Return the word of the question before that `thing` stands in for; "" where there is none."""
    candidates = [
        word
        for word in re.findall(r"[^\W\d_][\w'-]*", previous)
        if content_stems(word) and word.lower() not in STOP_WORDS
    ]
    if not candidates or embeddings is None:
        return ""
    from ..retrieval.embedder import Embedder

    vectors = Embedder(embeddings).texts([thing, *candidates])
    likeness = [float(value) for value in vectors[1:] @ vectors[0]]
    best = max(range(len(candidates)), key=likeness.__getitem__)
    return candidates[best] if likeness[best] >= _LIKE else ""


# -- yes, no, and moods

_YES = re.compile(
    r"^\W*(?:yes+|yep|yeah?|yup|y|sure|ok(?:ay)?|please\s+do|go\s+ahead|do\s+(?:it|that)|confirm(?:ed)?|correct|right"
    r"|that(?:'s|\s+is)\s+(?:right|correct|fine)|absolutely|of\s+course|sounds\s+good|perfect|exactly)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:(?:actually|sorry|oh|hmm|wait|ok(?:ay)?|well|then)\W+)*(?:no|nope|nah|n|don't|do\s+not|stop|never\s*mind|leave\s+it|forget\s+it"
    r"|not\s+(?:now|yet|anymore|any\s+more)|i\s+changed\s+my\s+mind|keep\s+(?:it|the\s+order))\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\b(?:please|thanks|thank\s+you|do|it|that|this|go|ahead|so|then|just|want|the|you|can|i|leave|as|is|actually"
    r"|mind|all|of|my|a|yes|no|ok|okay|sure|sorry|wait|now|cancel|keep|order|confirm|correct|right|forget|about"
    r"|not|needed?|necessary)\b"
    r"|[^\w\s]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message says to a question that the bot asked."""

    kind: Literal["yes", "no", "other"]
    more: bool
    """Whether it says something else besides, such as a correction."""


def verdict(message: str) -> Verdict:
    """Read a yes or a no at the beginning of a message."""
    kind: Literal["yes", "no", "other"] = (
        "no" if _NO.match(message) else "yes" if _YES.match(message) else "other"
    )
    found = (_YES if kind == "yes" else _NO).sub("", message, count=1)
    more = message.rstrip().endswith("?") or len(words(_FILLER.sub(" ", found))) > 0
    return Verdict(kind, more)


_WEAK = re.compile(r"^\W*(?:ok(?:ay)?|right|perfect|correct|exactly|sounds\s+good)\b", re.IGNORECASE)
_HESITATES = re.compile(
    r"^\W*(?:well\W+)?(?:maybe|perhaps|hmm+|not\s+sure|i(?:'m|\s+am)\s+not\s+sure|i\s+don't\s+know|let\s+me\s+think"
    r"|hold\s+on|one\s+moment|just\s+a\s+(?:moment|second))\b[^?]{0,40}$",
    re.IGNORECASE,
)
_CORRECTS = re.compile(r"\b(?:i\s+mean|meant|instead|make\s+(?:it|that)|wrong\s+one)\b", re.IGNORECASE)
_REFERS = re.compile(r"\b(?:it|that\s+order|this\s+order|that\s+one|this\s+one)\b", re.IGNORECASE)


def weak_yes(message: str) -> bool:
    """Tell whether a yes may be no more than a way to begin: "ok, and what about boots?"."""
    return bool(_WEAK.match(message))


def hesitates(message: str) -> bool:
    """Tell whether a customer has not decided yet."""
    return bool(_HESITATES.match(message))


def corrects(message: str) -> bool:
    """Tell whether a message puts something else in the place of what was said before."""
    return bool(_CORRECTS.search(message))


def refers(message: str) -> bool:
    """Tell whether a message speaks of the thing that was just spoken of."""
    return bool(_REFERS.search(message))


_ANGRY = re.compile(
    r"\b(?:ridiculous|unacceptable|terrible|horrible|awful|worst|furious|angry|scam|useless|fed\s+up|disgusting"
    r"|outrageous|joke|incompetent|damn|wtf|bullshit|crap|sick\s+of|lawyer|complain(?:t|ing)?|disappointed"
    r"|frustrat(?:ed|ing)|annoyed)\b|!!",
    re.IGNORECASE,
)


def upset(message: str) -> bool:
    """Tell whether a customer is angry or let down."""
    shouted = [word for word in re.findall(r"[A-Za-z]{3,}", message) if word.isupper()]
    return bool(_ANGRY.search(message)) or len(shouted) >= 4


# -- what the customer wants remembered

_REMEMBER = re.compile(
    r"^(?:please\s+)?(?:remember|note|keep\s+in\s+mind|don't\s+forget)\s*(?:that\s+|down\s+that\s+|:\s*)?(?P<what>[^?]{3,160})$",
    re.IGNORECASE,
)
_CALL_ME = re.compile(r"^(?:please\s+)?(?P<what>call\s+me\s+\w[\w' -]{0,40})\W*$", re.IGNORECASE)
_RECALL = re.compile(
    r"\bwhat\s+(?:do|did|have)\s+you\s+(?:remember|know|stored?|saved?|kept?)\b|\b(?:list|show)\s+(?:me\s+)?my\s+preferences"
    r"|\bwhat\s+are\s+my\s+preferences",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"^(?:please\s+)?(?:forget|erase|delete|remove)\s+(?P<what>(?:everything|all|me\b|what\s+you|that\s+|my\s+preference"
    r"|about\s+|my\s+(?!order|address|account|card)).{0,120})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Something about the bot's memory."""

    kind: Literal["remember", "list", "forget"]
    what: str = ""
    """What to remember or forget; "" for everything."""


def memory_wish(message: str) -> Wish | None:
    """Read a wish to remember, list or forget; None where the message is about something else."""
    line = " ".join(message.split())
    if _RECALL.search(line):
        return Wish("list")
    if found := _REMEMBER.match(line) or _CALL_ME.match(line):
        return Wish("remember", found["what"].rstrip(" .!"))
    if found := _FORGET.match(line):
        what = found["what"].rstrip(" .!")
        everything = re.match(r"everything|all\b|me$|what\s+you|my\s+preferences$", what, re.IGNORECASE)
        return Wish("forget", "" if everything else what)
    return None
