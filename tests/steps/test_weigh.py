"""A step that weighs: how likely the model is to answer with one text after each of many."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from limner.errors import DefectError, InputError
from limner.steps import Budget, Ledger, Receipt, StepContext, step, use
from limner.testing import FAULTS, Cassette, FaultyModel, ScriptedModel

PASSAGES = ["Tents are half price.", "Ropes can be returned within thirty days.", "We open at nine."]
POINT = "How do I return a rope?"


@step(
    mode="weigh", prompt="You know {{ shop }}.\n---\n{{ item }}\nAsk about it.", answer="point", timeout=0.5
)
def fit(passages: list[str], point: str, shop: str = "a shop") -> list[float]:
    """Tell how well each passage answers a point."""
    return [-float(len(passage)) for passage in passages]


class Ranking(TypedDict, total=False):
    first: str


def shared(prompt: str, answer: str) -> float:
    """The more words a prompt has in common with an answer, the likelier the answer."""
    words = set(answer.lower().rstrip("?").split())
    return -10.0 + sum(any(word in other for other in prompt.lower().split()) for word in words)


def knowing(likelihood: Callable[[str, str], float] = shared) -> ScriptedModel:
    return ScriptedModel(["never asked to write"], likelihood=likelihood)


def test_the_item_after_which_the_answer_is_likeliest_weighs_most() -> None:
    outcome = fit.using(knowing()).run(PASSAGES, POINT)
    assert (outcome.source, outcome.attempts, outcome.degraded) == ("model", 1, False)
    assert max(zip(outcome.value, PASSAGES, strict=True))[1] == PASSAGES[1]


def test_the_template_is_rendered_for_each_item_and_the_answer_stands_apart() -> None:
    model = knowing()
    fit.using(model).run(PASSAGES, POINT, shop="a harbour shop")
    (request,) = model.requests
    assert request.options["likelihoods"] == {
        "prompts": [f"You know a harbour shop.\n\n{passage}\nAsk about it." for passage in PASSAGES],
        "answer": POINT,
        "plain": True,
    }
    assert request.options["deadline"] > time.monotonic()


def test_many_points_over_the_same_items_are_progress() -> None:
    model = knowing()
    with use(StepContext(model=model)) as context:
        for number in range(8):
            fit.run(PASSAGES, f"point {number}")
    assert [row["source"] for row in context.receipt.rows] == ["model"] * 8


def test_hundreds_of_items_are_weighed_in_one_call() -> None:
    outcome = fit.using(knowing(lambda prompt, answer: -1 / 3)).run(PASSAGES * 200, "?")
    assert outcome.source == "model"
    assert len(outcome.value) == 600


def test_no_item_weighs_nothing() -> None:
    assert fit.using(knowing()).run([], POINT).value == []


def test_a_model_that_tells_no_likelihoods_is_not_asked_and_nothing_is_degraded() -> None:
    model = ScriptedModel(["[0, 0, 0]"])
    outcome = fit.using(model).run(PASSAGES, POINT)
    assert model.requests == []
    assert (outcome.source, outcome.attempts, outcome.degraded) == ("fallback", 0, False)
    assert outcome.value == fit.fallback(PASSAGES, POINT)
    assert outcome.reasons == ("unable: the model tells no likelihoods",)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ([-1.0, -2.0], "schema: 2 likelihoods for 3 items"),
        ([-1.0, float("nan"), -2.0], "schema: a likelihood is not a finite number"),
        ([-1.0, float("-inf"), -2.0], "schema: a likelihood is not a finite number"),
        ([-1.0, True, -2.0], "invalid: not a list of numbers"),
        ({"a": -1.0}, "invalid: not a list of numbers"),
    ],
)
def test_what_is_no_number_for_each_item_leads_to_the_fallback_without_a_second_try(
    numbers: Any, reason: str
) -> None:
    class Broken(ScriptedModel):
        limner_accepts = frozenset({"likelihoods"})

    model = Broken([json.dumps(numbers)])  # type: ignore[call-arg, arg-type]
    outcome = fit.using(model).run(PASSAGES, POINT)
    assert (outcome.source, outcome.attempts, outcome.degraded) == ("fallback", 1, True)
    assert len(model.requests) == 1
    assert outcome.reasons[0].startswith(reason)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"lies"}))
def test_every_fault_of_a_model_ends_in_the_fallback_in_time(fault: str) -> None:
    began = time.monotonic()
    outcome = fit.using(FaultyModel(fault)).run(PASSAGES, POINT)
    assert time.monotonic() - began < 1.5
    assert (outcome.source, outcome.attempts, outcome.degraded) == ("fallback", 1, True)
    assert outcome.value == fit.fallback(PASSAGES, POINT)


def test_false_likelihoods_are_likelihoods_all_the_same() -> None:
    assert fit.using(FaultyModel("lies")).run(PASSAGES, POINT).source == "model"


def test_a_check_that_fails_leads_to_the_fallback() -> None:
    @step(
        mode="weigh",
        prompt="{{ item }}",
        answer="point",
        checks=[lambda out: "all alike" if len(set(out)) == 1 else None],
    )
    def told(passages: list[str], point: str) -> list[float]:
        return [0.0] * len(passages)

    outcome = told.using(knowing(lambda prompt, answer: -2.0)).run(PASSAGES, POINT)
    assert (outcome.source, outcome.attempts) == ("fallback", 1)
    assert "all alike" in outcome.reasons[0]


def test_every_prompt_counts_against_the_budget() -> None:
    long = ["word " * 300] * 4
    with use(StepContext(model=knowing(), ledger=Ledger(Budget(tokens=1500)))):
        assert fit.run(long[:1], POINT).source == "model"
    with use(StepContext(model=knowing(), ledger=Ledger(Budget(tokens=1500)))):
        outcome = fit.run(long, POINT)
    assert outcome.source == "fallback"
    assert outcome.reasons[0].startswith("budget: ")


async def test_a_run_that_is_resumed_recalls_the_likelihoods(tmp_path: Path) -> None:
    models = [knowing(), knowing(lambda prompt, answer: -99.0)]
    told: list[list[float]] = []

    async def rank(state: Ranking) -> Ranking:
        told.append((await fit.arun(PASSAGES, POINT)).value)
        if len(told) == 1:
            raise RuntimeError("killed")
        return {}

    graph = StateGraph(Ranking)
    graph.add_node("rank", rank)
    graph.add_edge(START, "rank")
    app = graph.compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    inputs: list[Ranking | None] = [{"first": ""}, None]
    for given, model in zip(inputs, models, strict=True):
        receipt = Receipt(tmp_path / "journal.jsonl")
        with use(StepContext(model=model, receipt=receipt)), contextlib.suppress(RuntimeError):
            await app.ainvoke(given, config, durability="sync")
        receipt.close()
    assert told[0] == told[1] == [shared(f"{passage}\nAsk about it.", POINT) for passage in PASSAGES]
    assert models[1].requests == []


def test_a_cassette_replays_likelihoods(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    first = fit.using(Cassette(file, "record", knowing())).run(PASSAGES, POINT)
    again = fit.using(Cassette(file, "strict")).run(PASSAGES, POINT)
    assert (again.value, again.source) == (first.value, "model")
    assert fit.using(Cassette(file, "strict")).run(PASSAGES[:2], POINT).source == "fallback"


async def test_a_scripted_model_streams_and_answers_alike() -> None:
    asked: Any = {"likelihoods": {"prompts": PASSAGES, "answer": POINT}}
    message = await knowing().ainvoke("x", **asked)
    pieces = [str(piece.content) async for piece in knowing().astream("x", **asked)]
    assert "".join(pieces) == message.content
    assert json.loads(str(message.content)) == [shared(passage, POINT) for passage in PASSAGES]


def test_wrong_signatures_and_prompts_are_told_when_the_step_is_made() -> None:
    def two(a: list[str], b: list[str], point: str) -> list[float]:
        return []

    def none(a: str, point: str) -> list[float]:
        return []

    def ints(a: list[str], point: str) -> list[int]:
        return []

    def number(a: list[str], point: int) -> list[float]:
        return []

    def right(a: list[str], point: str) -> list[float]:
        return []

    def item(item: list[str], point: str) -> list[float]:
        return []

    body: Any
    for body in (two, none, ints):
        with pytest.raises(DefectError, match=r"must return list\[float\], with one parameter"):
            step(mode="weigh", prompt="{{ item }}", answer="point")(body)
    for answer, body in (("point", number), ("", right), ("other", right), ("a", right)):
        with pytest.raises(DefectError, match="which is no parameter of type str"):
            step(mode="weigh", prompt="{{ item }}", answer=answer)(body)
    with pytest.raises(DefectError, match="the prompt's name for each item"):
        step(mode="weigh", prompt="{{ item }}", answer="point")(item)
    with pytest.raises(DefectError, match="does not use 'item'"):
        step(mode="weigh", prompt="{{ point }}", answer="point")(right)
    with pytest.raises(DefectError, match=r"uses \['items'\]"):
        step(mode="weigh", prompt="{{ item }} {{ items }}", answer="point")(right)


def test_a_call_that_does_not_fit_the_signature_is_the_callers_mistake() -> None:
    with pytest.raises(InputError, match="called wrongly"):
        fit.run(PASSAGES)  # type: ignore[call-arg]
