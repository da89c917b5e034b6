"""Content tasks: an article by the content graph, or by the bare model as the line to beat."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from ..errors import InputError, LimnerError, ModelError, UnavailableError
from ..retrieval import KnowledgeBase
from ..steps.threads import offload
from .made import Made, of_article, of_markdown
from .scorers import details_of, score_article

if TYPE_CHECKING:
    from ..app import Limner
    from ..retrieval import Passage
    from .runner import Sample
    from .suite import ContentTask

UNGUARDED = """Passages:

{passages}

Use only these passages. Write {kind} in Markdown about: {topic}
Readers: {audience}
Tone: {tone}
Notes: {notes}
Length: about {words} words in {sections} sections, each under a heading. Begin with a title."""
"""The wish comes last, where a small model still minds it."""


async def run_content(app: Limner, sample: Sample) -> dict[str, Any]:
    """Write the article of a brief with the content graph, and score it."""
    task = _content(sample)
    run = await app.arun(sample.plan.graph or "content", task.brief, **sample.options)
    row = await _scored(app, sample, of_article(run.output))
    row["scores"]["degraded"] = float(run.degraded)
    return {**row, "seconds": run.seconds, "run_id": run.run_id}


async def run_unguarded(app: Limner, sample: Sample) -> dict[str, Any]:
    """Ask the same model once for the same article, with the same passages; nothing is checked.

    Raises:
        InputError: There is no model to ask.
        ModelError: It gave no answer.
    """
    brief = _content(sample).brief
    model, missing = app.open_model()
    if model is None:
        raise InputError(missing or "There is no model to run unguarded.", "Give one with --model.")
    started = time.monotonic()
    query, k = f"{brief.topic}. {brief.notes}".strip(), 8 + 6 * brief.sections
    passages = await offload(lambda: _search(app, sample, query, k))
    asked = UNGUARDED.format(
        **{
            **brief.model_dump(),
            "kind": {"faq": "an FAQ", "article": "an article"}.get(brief.kind, f"a {brief.kind}"),
        },
        passages="\n\n".join(passage.text for passage in passages),
    )
    accepts = getattr(model, "limner_accepts", frozenset({"max_tokens"}))
    given: dict[str, Any] = {"max_tokens": 2 * brief.words, "seed": sample.plan.seed + sample.repeat}
    try:
        answer = await model.ainvoke(asked, **{key: value for key, value in given.items() if key in accepts})
    except LimnerError:
        raise
    except Exception as error:
        raise ModelError(f"The model raised {type(error).__name__}: {error}.") from error
    seconds = time.monotonic() - started
    text = answer.text
    return {**await _scored(app, sample, of_markdown(text)), "seconds": seconds, "text": text}


def _content(sample: Sample) -> ContentTask:
    return cast("ContentTask", sample.task)  # the runner sends no others


async def _scored(app: Limner, sample: Sample, made: Made) -> dict[str, Any]:
    task = _content(sample)

    def score() -> dict[str, Any]:
        with _base(app, sample) as base:
            scores = score_article(made, task, base, _embeddings(app))
        return {"scores": scores, **details_of(made, task)}

    return await offload(score)


def _search(app: Limner, sample: Sample, query: str, k: int) -> list[Passage]:
    with _base(app, sample) as base:
        return base.search(query, k)


def _base(app: Limner, sample: Sample) -> KnowledgeBase:
    """The task's documents, indexed as the content graph indexes them, and cached with it."""
    folder = app.settings.home.expanduser() / "indexes"
    return KnowledgeBase.private(sample.suite.paths(sample.task), folder, _embeddings(app))


def _embeddings(app: Limner) -> Any:
    try:
        return app.embeddings
    except UnavailableError:
        return None
