"""Steps in a plain LangGraph graph, with any LangChain chat model and without the rest of Limner."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from limner.errors import InputError
from limner.graphs import chain
from limner.steps import Receipt, StepContext, step, use
from limner.testing import ScriptedModel


class Triage(BaseModel):
    queue: str


class Ticket(TypedDict, total=False):
    ticket: str
    triage: Triage
    reply: str


@step(prompt="{{ ticket }}")
def triage(ticket: str) -> Triage:
    """Choose the queue."""
    return Triage(queue="general")


@step(prompt="{{ ticket }} {{ triage.queue }}")
def reply(ticket: str, triage: Triage, tone: str = "plain") -> str:
    """Write a reply."""
    return f"We sent it to {triage.queue}."


def graph() -> StateGraph:  # type: ignore[type-arg]
    built = StateGraph(Ticket)
    built.add_node("triage", triage.node())
    built.add_node("reply", reply.node())
    return built


async def test_steps_read_state_by_parameter_and_write_their_name() -> None:
    built = graph()
    built.add_edge(START, "triage")
    built.add_edge("triage", "reply")
    built.add_edge("reply", END)
    with use(
        StepContext(model=FakeListChatModel(responses=['{"queue": "billing"}', "All good."]))
    ) as context:
        state = await built.compile().ainvoke({"ticket": "help"})
    assert state["triage"] == Triage(queue="billing")
    assert state["reply"] == "All good."
    assert [row["source"] for row in context.receipt.rows] == ["model", "model"]


async def test_the_context_may_come_through_langgraphs_runtime() -> None:
    built = StateGraph(Ticket, context_schema=StepContext)
    built.add_node("triage", triage.node())
    context = StepContext(model=ScriptedModel(['{"queue": "billing"}']))
    state = await chain(built, "triage").compile().ainvoke({"ticket": "x"}, context=context)
    assert state["triage"].queue == "billing"


async def test_state_that_came_as_plain_data_is_read_as_the_parameters_type() -> None:
    built = StateGraph(Ticket)
    built.add_node("reply", reply.node())
    state = await chain(built, "reply").compile().ainvoke({"ticket": "x", "triage": {"queue": "q"}})
    assert state["reply"] == "We sent it to q."


async def test_state_of_the_wrong_type_names_key_and_step() -> None:
    built = StateGraph(Ticket)
    built.add_node("reply", reply.node())
    with pytest.raises(InputError, match=r"'triage'.*'reply'"):
        await chain(built, "reply").compile().ainvoke({"ticket": "x", "triage": 7})


def test_a_key_that_the_state_lacks_fails_when_the_graph_is_built() -> None:
    class Wrong(TypedDict):
        tickt: str
        triage: Triage

    built = StateGraph(Wrong)
    built.add_node("triage", triage.node())
    with pytest.raises(InputError, match="'ticket'"):
        chain(built, "triage")


def test_renaming_a_parameter_that_is_not_there_fails_at_once() -> None:
    with pytest.raises(InputError, match="tikcet"):
        triage.node(tikcet="ticket")


async def test_a_step_works_on_a_checkpointed_thread_and_recalls_after_a_crash(tmp_path: Path) -> None:
    model = ScriptedModel(['{"queue": "billing"}', "Done."])

    def crash(state: Ticket) -> dict[str, str]:
        raise RuntimeError("killed")

    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "c.sqlite")) as saver:
        broken = graph()
        broken.add_node("crash", crash)
        app = chain(broken, "triage", "reply", "crash").compile(checkpointer=saver)
        with (
            use(StepContext(model=model, receipt=Receipt(tmp_path / "s.jsonl"))),
            pytest.raises(RuntimeError),
        ):
            await app.ainvoke({"ticket": "x"}, config, durability="sync")
        with (
            use(StepContext(model=model, receipt=Receipt(tmp_path / "s.jsonl"))) as context,
            pytest.raises(RuntimeError),
        ):
            await app.ainvoke(None, config, durability="sync")
    assert len(model.requests) == 2
    assert len(context.receipt.rows) == 2
    context.receipt.close()


class TicketModel(BaseModel):
    ticket: str = ""
    reply: str = ""
    triage: Triage = Triage(queue="q")


@dataclass
class TicketData:
    ticket: str = ""
    reply: str = ""
    triage: Triage = field(default_factory=lambda: Triage(queue="q"))


@pytest.mark.parametrize("schema", [TicketModel, TicketData])
async def test_state_may_be_a_model_class_or_a_dataclass(schema: type) -> None:
    built: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    built.add_node("reply", reply.node())
    state = await chain(built, "reply").compile().ainvoke({"ticket": "x"})
    assert state["reply"] == "We sent it to q."


class Plain:
    def __init__(self, text: str) -> None:
        self.text = text


class Choice(TypedDict, total=False):
    options: list[Plain]
    best: list[Plain]


@step(prompt="Pick.", mode="select")
def best(options: list[Plain]) -> list[Plain]:
    """Pick objects of any class with a text."""
    return options[:1]


async def test_a_selection_may_draw_from_plain_objects(tmp_path: Path) -> None:
    built = StateGraph(Choice)
    built.add_node("best", best.node())
    receipt = Receipt(tmp_path / "s.jsonl")
    with use(StepContext(model=ScriptedModel(["two"]), receipt=receipt)):
        state = await chain(built, "best").compile().ainvoke({"options": [Plain("one"), Plain("two")]})
    receipt.close()
    assert [plain.text for plain in state["best"]] == ["two"]
