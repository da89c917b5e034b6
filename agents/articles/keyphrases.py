"""Titles for runs of text that have none: the phrase that says what this one speaks of and the others do not.

Phrases are cut as in RAKE (Rose and others, 2010): between stop words, verbs, figures and marks. A phrase is
the better, the nearer it is in meaning to its own text (as in KeyBERT), the further from the others, and the
more often it is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import LimnerError
from ...retrieval.embedder import Embedder
from ...retrieval.terms import Weights, content_stems

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

STOP = frozenset(
    "a an the and or but if of to in on at by for with from as is are was were be been it its this that"
    " these those you your we our they their he she not no can may will must should would could have has had"
    " do does when where which who what how than then so such any all each every some more most other into"
    " over under per within without after before until unless only also very just about up down out".split()
)
_BREAK = STOP | frozenset(
    "did him his her hers them us me my i one two three four five six seven eight nine ten many much"
    " several few both either neither another important famous notable significant various certain"
    " different own same first second third last next new old good great large small main major early late"
    " later former recent modern current present least less fewer often still even ever never always"
    " usually mostly nearly almost well however although though because while since during between among"
    " against through throughout across around near above below toward towards along upon off again today"
    " now here there thus hence therefore instead rather quite too yet became become becomes began begin"
    " begins begun came come comes gave give gives given got get gets went go goes gone grew grow grows"
    " grown held hold holds kept keep keeps knew know known led lead leads left leave lost lose made make"
    " makes met paid ran rise rose risen said say says saw see seen sent set shown show shows sold stood"
    " stand stands took take takes taken taught told thought understood use uses used won wrote written"
    " include includes including contain contains covers cover remain remains remained according due part"
    " parts number numbers percent year years day days month months time times way ways thing things"
    " people place places name names type types kind kinds example examples fact case cases january"
    " february march april june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday soon once twice perhaps maybe together apart away back whereby cost"
    " costs weigh weighs century centuries possibility despite whose whom like being having".split()
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*|\d[\w.,]*|[^\w\s]")
_VERB = re.compile(r"(?:[^e]ed|ing|ify|ise|ize)$")
_MOST_WORDS, _MOST_PHRASES, _OPENING, _OFFERED = 4, 60, 160, 6
_APART, _OFTEN, _EARLY, _LONE = 0.5, 0.08, 0.05, 0.12
"""Weights: of likeness to other texts, of how often it is said, of a place in the first sentence; what a
phrase of one word loses."""


def titles_for(
    texts: Sequence[str], embeddings: Embeddings | None, taken: Sequence[str] = ()
) -> list[list[str]]:
    """Phrases that could name each text, the best first; none for one that has no phrase of its own.

    Args:
        texts: Of sections of one article.
        embeddings: How likeness is measured; words where None, or where they fail.
        taken: Titles that stand already: no name says the same, nor does one say the same as the best of
            another text.
    """
    phrases = [candidates(text) for text in texts]
    flat = [phrase for each in phrases for phrase in each]
    if not flat:
        return [[] for _ in texts]
    near = _likeness(flat, texts, embeddings)
    made: list[list[str]] = []
    used = list(taken)
    start = 0
    for number, each in enumerate(phrases):
        rated = []
        for row, phrase in enumerate(each, start):
            others = [near[row][other] for other in range(len(texts)) if other != number]
            said = len(re.findall(rf"\b{re.escape(phrase)}", texts[number], re.IGNORECASE))
            rate = near[row][number] - _APART * (sum(others) / len(others) if others else 0.0)
            rate += _OFTEN * math.log1p(said) - (_LONE if " " not in phrase else 0.0)
            rate += _EARLY if phrase in texts[number][:_OPENING] else 0.0
            rated.append((rate, phrase))
        start += len(each)
        made.append(_best(rated, used))
        used += made[-1][:1]
    return made


def _best(rated: Sequence[tuple[float, str]], taken: Sequence[str]) -> list[str]:
    used = [set(content_stems(title)) for title in taken]
    kept: list[str] = []
    for _, phrase in sorted(rated, key=lambda pair: -pair[0]):
        stems = set(content_stems(phrase))
        if stems and not any(stems <= other or other <= stems for other in used if other):
            kept.append(phrase[:1].upper() + phrase[1:])
    return kept[:_OFFERED]


def candidates(text: str) -> list[str]:
    """Phrases of one to four words as the text writes them, in its order."""
    found: dict[str, str] = {}
    run: list[str] = []
    for word in [*_WORD.findall(text), "."]:
        named = word[:1].isupper()
        breaks = not word[0].isalpha() or word.lower() in _BREAK or len(word) < 3
        if not breaks and not (_VERB.search(word) and not named):
            run.append(word.removesuffix("'s").removesuffix("’s"))
            continue
        if 1 <= len(run) <= _MOST_WORDS and not run[-1].endswith("ly"):
            found.setdefault(" ".join(run).lower(), " ".join(run))
        run = []
    return list(found.values())[:_MOST_PHRASES]


def _likeness(
    phrases: Sequence[str], texts: Sequence[str], embeddings: Embeddings | None
) -> Sequence[Sequence[float]]:
    if embeddings is not None:
        try:
            vectors = Embedder(embeddings).texts([*phrases, *texts])
        except LimnerError:
            return _likeness(phrases, texts, None)
        made: list[list[float]] = np.asarray(vectors[: len(phrases)] @ vectors[len(phrases) :].T).tolist()
        return made
    weights = Weights(texts)
    stems = [set(content_stems(text)) for text in texts]
    return [[weights.similarity(content_stems(phrase), text) for text in stems] for phrase in phrases]
