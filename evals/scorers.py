"""The scorers: their names, which way is better, and how an article is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..errors import ModelError, UnavailableError
from ..retrieval.cite import verify
from . import measures
from .match import covered

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ..retrieval import KnowledgeBase
    from .made import Made
    from .match import Patterns
    from .suite import ContentTask

Scores = dict[str, float | None]
"""None: could not be scored, which is no zero and stands in no mean."""
NEAREST = 4
"""Passages of the whole base that each sentence is held against, besides those it cites."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """What a number means."""

    name: str
    better: Literal["higher", "lower", "none"]
    """``none``: shown, and neither tested nor gated."""
    what: str


SCORERS = {
    scorer.name: scorer
    for scorer in (
        Scorer("completed", "higher", "1 where the sample came to an end with a result"),
        Scorer("passed", "higher", "1 where every expectation is met"),
        Scorer("turns", "higher", "share of turns whose expectations are met"),
        Scorer("score", "higher", "what the task's own scorer gives"),
        Scorer("supported", "higher", "share of sentences that the documents support"),
        Scorer("contradicted", "lower", "share of sentences that the documents contradict"),
        Scorer("coverage", "higher", "share of key facts in the text"),
        Scorer("unwanted", "lower", "share of what an editor would strike that is in the text"),
        Scorer("by_model", "none", "share of sentences that the model wrote or mended"),
        Scorer("by_selection", "none", "share of sentences that the model chose word for word"),
        Scorer("by_fallback", "none", "share of sentences that a fallback chose"),
        Scorer("on_topic", "higher", "mean cosine of a section with its heading and the topic"),
        Scorer("distinct", "higher", "1 less the largest cosine of two sections"),
        Scorer("repeated", "lower", "share of sentences that repeat an earlier one"),
        Scorer("distinct_2", "higher", "share of word pairs that are different"),
        Scorer("ease", "higher", "Flesch reading ease"),
        Scorer("grade", "none", "Flesch-Kincaid grade"),
        Scorer("length_off", "lower", "distance from the words asked for, as a share of them"),
        Scorer("headings", "higher", "share of rules that title and headings keep"),
        Scorer(
            "structure", "higher", "sections as asked, each of two sentences or rows or more, steps numbered"
        ),
        Scorer("words", "none", "words of the text"),
        Scorer("cited", "higher", "share of answers that cite something"),
        Scorer("stray_numbers", "lower", "numbers in replies that no citation holds"),
        Scorer("degraded", "lower", "share of runs where a fallback took the place of a model"),
        Scorer("seconds", "lower", "wall time of a sample"),
    )
}
"""In the order of tables."""


def score_article(
    made: Made, task: ContentTask, knowledge: KnowledgeBase, embeddings: Embeddings | None
) -> Scores:
    """Score an article for its task; blocking, for a thread.

    Whoever made it, each sentence is held against the passages of the whole base that are nearest to it
    and those cited.
    """
    brief, said = task.brief, made.sentences
    texts = [sentence.text for sentence in said]
    count = len(measures.words(made.text))
    ease = measures.readability(texts)
    judged = _judged(made, knowledge, embeddings)
    sizes = [len(part.sentences) + len(part.rows) for part in made.parts]

    def share(*sources: str) -> float | None:
        return sum(sentence.made_by in sources for sentence in said) / len(said) if said else None

    return {
        "supported": _share(judged, "supported"),
        "contradicted": _share(judged, "contradicted"),
        "coverage": _stand(task.key_facts, made),
        "unwanted": _stand(task.unwanted, made),
        "by_model": share("model", "repaired"),
        "by_selection": share("selected"),
        "by_fallback": share("fallback"),
        **_cosines(made, brief.topic, embeddings),
        "repeated": measures.repeated(texts) if texts else None,
        "distinct_2": measures.distinct_2(made.text),
        "ease": ease[0] if ease else None,
        "grade": ease[1] if ease else None,
        "length_off": abs(count - brief.words) / brief.words,
        "headings": measures.headings(made.title, [part.title for part in made.parts], brief.topic),
        "structure": measures.structure(sizes, brief.sections, brief.kind == "how-to", made.ordered),
        "words": float(count),
    }


def _stand(facts: Sequence[Patterns], made: Made) -> float | None:
    """The share that is in the text."""
    return sum(covered(each, made.windows) for each in facts) / len(facts) if facts else None


def _judged(made: Made, knowledge: KnowledgeBase, embeddings: Embeddings | None) -> list[tuple[str, str]]:
    """Each sentence that claims something, with its status."""
    # a question claims nothing
    claims = [said for said in made.sentences if not said.text.rstrip().endswith("?")]
    if not claims:
        return []
    passages = {passage.id: passage for passage in knowledge.passages(c for s in claims for c in s.citations)}
    for said in claims:
        if any(character.isalnum() for character in said.text):
            passages |= {passage.id: passage for passage in knowledge.search(said.text, NEAREST)}
    text = "\n\n".join(said.text for said in claims)
    return [(each.text, each.status) for each in verify(text, list(passages.values()), embeddings).sentences]


def _share(judged: Sequence[tuple[str, str]], status: str) -> float | None:
    return sum(found == status for _, found in judged) / len(judged) if judged else None


def _cosines(made: Made, topic: str, embeddings: Embeddings | None) -> Scores:
    from ..retrieval.embedder import Embedder

    if embeddings is None or not made.parts:
        return {"on_topic": None, "distinct": None}
    texts = [part.text for part in made.parts]
    titles = [part.title or topic for part in made.parts]
    try:
        vectors = Embedder(embeddings).texts([*texts, *titles, topic])
    except (UnavailableError, ModelError):
        return {"on_topic": None, "distinct": None}
    size = len(texts)
    bodies, heads, subject = vectors[:size], vectors[size:-1], vectors[-1]
    near = (bodies * heads).sum(axis=1) / 2 + bodies @ subject / 2
    among = bodies @ bodies.T
    pairs = [float(among[a, b]) for a in range(size) for b in range(a)]
    return {"on_topic": float(near.mean()), "distinct": 1 - max(pairs) if pairs else None}


def details_of(made: Made, task: ContentTask) -> dict[str, Any]:
    """What the log keeps of an article besides its scores."""
    missed = [each[0] for each in task.key_facts if not covered(each, made.windows)]
    astray = [each[0] for each in task.unwanted if covered(each, made.windows)]
    return {"made": made.to_json(), "missed": missed, "astray": astray}
