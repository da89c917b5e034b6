"""Near misses: does an answer speak of what was asked, or only of something close to it?

Likeness cannot tell "the rental snowshoes" from "how many rental snowshoes". These rules look at what the
question asks for; where they find nothing of the kind, the sentence is shown as the closest passage only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...retrieval.extract import Cited
from ...retrieval.passage import Passage
from ...retrieval.rows import header_of
from ...retrieval.terms import content_stems, stem, words

SURE = 0.68
"""Likeness from which a word of the question that no passage holds is taken for another wording."""
_LIGHT = frozenset(
    stem(word)
    for word in """
much many long often usually always ever currently something anything someone say see tell give go come let
keep bring take make put get need want use know mean happen work try ask offer possible sure please
day time way kind type lot bit thing people old new good best really still already hello dear help question
""".split()
)
_HOW_MANY = re.compile(
    r"\bhow\s+many\s+(?P<things>[^?,.;]*?)\s*(?=[?,.;]|$|\b(?:do|does|did|is|are|was|were|can|could|will|would|should"
    r"|must|may|might|have|has|had|i|we|you|they|it|the|there|that|which|who|in|at|on|per|after|before|until|to)\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|ninety|hundred|dozen|no|several|both)$"
)
_PLURALS = frozenset({"people", "children", "men", "women", "feet"})
_REACH = 5
"""Words between a number and what it counts: "30 more pairs of rental snowshoes"."""
_PRICE = re.compile(
    r"\bhow\s+much\s+(?:is|are|does|do|would|will)\b|\bwhat\s+(?:does|do|would|will)\b.*\b(?:cost|charge)\b"
    r"|\bwhat\s+is\s+the\s+(?:price|cost|fee|charge)\b|\bhow\s+(?:expensive|cheap)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"[$€£¥]\s?\d|\d\s?(?:dollars|euros|pounds|USD|EUR)\b|\bfree\b|\bno(?:thing|\s+charge)\b|price\w*: ?\d",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:next|coming|following)\s+(?:week|month|season|spring|summer|fall|autumn|winter|year)\b|\btomorrow\b"
    r"|\bin\s+(?:the\s+)?future\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FREE = re.compile(r"\bfree\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[a-z,;\d] )[A-Z][a-z]{2,}")
_WHEN = re.compile(
    r"^(?:and\s+)?(?:when|until\s+when|by\s+when|since\s+when|what\s+(?:day|date|time|year))\b", re.IGNORECASE
)
_TIME = re.compile(
    r"\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december|noon|midnight|week|month|year|day|hour|when|after|before|until|once)s?\b",
    re.IGNORECASE,
)


def doubt(question: str, said: Sequence[Cited], passages: Sequence[Passage], score: float) -> str:
    """Return why sentences may not answer a question; "" where nothing speaks against it.

    Args:
        question: As it was understood.
        said: The sentences of the answer.
        passages: All that were found.
        score: Likeness of question and best sentence, about 0 to 1.
    """
    text = " ".join(cited.text for cited in said)
    counted = _HOW_MANY.search(question)
    thing = _counted(counted["things"]) if counted else ""
    if thing:
        counting = [cited for cited in said if _counts(cited, thing, passages)]
        if not counting:
            return f"it does not count {thing!r}"
        if not any(_names_all(question, cited, passages) for cited in counting):
            return f"it counts {thing!r} of something else"
    # what is free by the question's own words is no price
    if _PRICE.search(question) and not _AMOUNT.search(
        _FREE.sub(" ", text) if _FREE.search(question) else text
    ):
        return "it names no amount"
    if _WHEN.search(question) and not _TIME.search(text):
        return "it names no time"
    years, told = set(_YEAR.findall(question)), _YEAR.findall(text)
    if years and told and not years & set(told):
        return f"it is about {told[0]}"
    later = _LATER.search(question)
    if later and not _LATER.search(text):
        return f"it says nothing of {later[0]!r}"
    missed = _missed(question, said, passages)
    if missed:
        return f"another sentence speaks of {missed!r}"
    if score < SURE:
        unknown = _unknown(question, passages)
        if unknown:
            return f"no passage speaks of {unknown!r}"
        cited = {sentence.passage_id for sentence in said}
        held = _stems(passage for passage in passages if passage.id in cited)
        for name in _NAME.findall(question):
            if stem(name.lower()) not in held:
                return f"its passage does not speak of {name!r}"
    return ""


def _missed(question: str, said: Sequence[Cited], passages: Sequence[Passage]) -> str:
    """A name of the question that passages hold, but not the answer or what stands above it; no month.

    What most passages name, such as the shop, tells nothing.
    """
    cited = {sentence.passage_id for sentence in said}
    above = [word for each in passages if each.id in cited for word in (*each.heading, each.source)]
    near = set(content_stems(" ".join([*(sentence.text for sentence in said), *above])))
    for name in _NAME.findall(question):
        word = stem(name.lower())
        speaking = sum(word in content_stems(each.text) for each in passages)
        if word not in near and not _TIME.search(name) and 0 < speaking <= len(passages) / 2:
            return str(name)
    return ""


def _counted(things: str) -> str:
    """What "how many" counts: of "rental snowshoes", snowshoes; of "people work", people."""
    said = words(things)
    return next(
        (word for word in reversed(said) if word.endswith("s") or word in _PLURALS), said[0] if said else ""
    )


def _counts(cited: Cited, thing: str, passages: Sequence[Passage]) -> bool:
    """Whether a sentence says how many of a thing: a number a few words before it, or in a row about it."""
    text = cited.text
    said = words(text.replace("-", " "))
    places = [place for place, word in enumerate(said) if stem(word) == stem(thing)]
    if text.lstrip().startswith("|"):
        home = next(passage for passage in passages if passage.id == cited.passage_id)
        named = content_stems(f"{header_of(home, cited.start, passages)} {text}")
        return stem(thing) in named and bool(re.search(r"\d", text))
    return any(_NUMBER.search(word) for place in places for word in said[max(0, place - _REACH) : place])


def _names_all(question: str, cited: Cited, passages: Sequence[Passage]) -> bool:
    """Whether a sentence, or what stands above it, has every name of the question."""
    home = [passage for passage in passages if passage.id == cited.passage_id]
    above = " ".join([cited.text, *(word for passage in home for word in (*passage.heading, passage.source))])
    held = set(content_stems(above))
    return all(stem(name.lower()) in held for name in _NAME.findall(question))


def _stems(passages: Iterable[Passage]) -> set[str]:
    return {
        found
        for passage in passages
        for found in content_stems(" ".join([passage.text, *passage.heading, passage.source]))
    }


def _unknown(question: str, passages: Sequence[Passage]) -> str:
    """Return the first telling word of the question that no passage holds; "" where there is none."""
    known = _stems(passages)
    for word in words(question):
        told = content_stems(word)
        if told and told[0] not in known and told[0] not in _LIGHT:
            return word
    return ""
