"""Promises that hold whatever a model does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel, Field

from limner.steps import Budget, Ledger, Receipt, StepContext, step, use
from limner.testing import FaultyModel, ScriptedModel

LIMIT = 0.15


class Reply(BaseModel):
    text: str = Field(max_length=200)
    stars: int = Field(ge=0, le=5)


@step(prompt="{{ ticket }}", timeout=LIMIT)
def reply(ticket: str) -> Reply:
    """Answer a ticket."""
    return Reply(text="We will look into it.", stars=0)


@reply.check
def polite(out: Reply) -> str | None:
    return "it shouts" if out.text.isupper() else None


@step(prompt="{{ ticket }}", mode="select", timeout=LIMIT)
def quote(ticket: str, lines: list[str]) -> list[str]:
    """Quote some lines."""
    return lines[:1]


class Misbehaving(ScriptedModel):
    """Emits any text, then ends, raises, is cut off, or goes on for ever."""

    limner_accepts = frozenset()
    text: str = ""
    ending: str = "stop"

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content=self.text))
        match self.ending:
            case "raise":
                raise OSError(self.text)
            case "length":
                end = AIMessageChunk(content="", response_metadata={"finish_reason": "length"})
                yield ChatGenerationChunk(message=end)
            case "endless":
                while True:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=self.text + " and "))


ENDINGS = st.sampled_from(["stop", "raise", "length", "endless"])
JSONISH = st.one_of(
    st.text(max_size=300),
    st.binary(max_size=300).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.builds(
        lambda t, s: Reply.model_construct(text=t, stars=s).model_dump_json(),
        st.text(max_size=250).map(lambda t: t.encode("utf-8", "ignore").decode()),
        st.integers(-3, 9),
    ),
)


def test_a_step_returns_a_valid_outcome_in_time_and_names_the_reason() -> None:
    spent = []

    @settings(max_examples=150, deadline=None)
    @given(text=JSONISH, ending=ENDINGS)
    def whatever_comes(text: str, ending: str) -> None:
        model = Misbehaving(["x"], text=text, ending=ending)  # type: ignore[call-arg, arg-type]
        context = StepContext(model=model)
        started = time.monotonic()
        with use(context):
            outcome = reply.run(text)
        spent.append(time.monotonic() - started)
        assert Reply.model_validate(outcome.value.model_dump()) == outcome.value
        assert polite(outcome.value) is None
        assert outcome.source in ("model", "repaired", "fallback")
        assert (outcome.source == "fallback") == outcome.degraded
        assert outcome.source == "model" or outcome.reasons
        assert context.receipt.rows == [outcome.row()]

    whatever_comes()
    # what else the machine does may hold up one or two
    assert sorted(spent)[int(0.98 * len(spent))] < LIMIT + 0.5
    assert max(spent) < 5


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(max_size=200),
    lines=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=6),
    ending=ENDINGS,
)
def test_a_selection_never_holds_what_was_not_given(text: str, lines: list[str], ending: str) -> None:
    said = "\n".join([text, *lines[:2]])
    model = Misbehaving(["x"], text=said, ending=ending)  # type: ignore[call-arg, arg-type]
    with use(StepContext(model=model)):
        outcome = quote.run(text, lines)
    assert outcome.value
    assert set(outcome.value) <= set(lines)


@settings(max_examples=60, deadline=None)
@given(
    calls=st.integers(0, 6),
    tokens=st.integers(0, 3000),
    answers=st.lists(st.sampled_from(["", "junk", '{"text": "ok", "stars": 1}']), min_size=1, max_size=6),
)
def test_no_run_spends_more_calls_than_its_budget(calls: int, tokens: int, answers: Sequence[str]) -> None:
    ledger = Ledger(Budget(calls=calls, tokens=tokens))
    with use(StepContext(model=ScriptedModel(answers), ledger=ledger)):
        for number in range(4):
            assert reply.run(f"ticket {number}").value
    assert ledger.spent.calls <= calls
    assert ledger.spent.tokens <= tokens


@settings(max_examples=50, deadline=None)
@given(cut=st.integers(0, 400), count=st.integers(1, 4))
def test_a_receipt_cut_anywhere_keeps_its_whole_rows(tmp_path_factory: Any, cut: int, count: int) -> None:
    journal = tmp_path_factory.mktemp("run") / "steps.jsonl"
    receipt = Receipt(journal)
    for number in range(count):
        with use(StepContext(model=FaultyModel("empty"))):
            receipt.add(reply.run(f"t{number}"), key=str(number), value=number)
    receipt.close()
    data = journal.read_bytes()
    journal.write_bytes(data[: max(0, len(data) - cut)])
    again = Receipt(journal)
    assert again.rows == receipt.rows[: len(again.rows)]
    assert len(again.rows) >= count - 1 - cut // 100
    again.close()
