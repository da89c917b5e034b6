"""Cassettes: what a model once said, said again without it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from limner import Brief, Limner, Run, step
from limner.errors import DeadlineError, InputError, UnavailableError
from limner.graphs.articles.article import Article
from limner.models import Store, open_chat
from limner.retrieval import KnowledgeBase
from limner.settings import ModelSettings
from limner.steps import Outcome
from limner.testing import Cassette, ScriptedModel

KNOWLEDGE = Path(__file__).resolve().parents[2] / "examples" / "outfitter" / "knowledge"
BRIEF = Brief("How to return or exchange gear", sections=3, words=300, images=1, kind="how-to")


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(tmp_path_factory.mktemp("knowledge")) as base:
        base.add(KNOWLEDGE)
        yield base


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def copy(messages: Sequence[Any]) -> str:
    """Answers a writer's request with the first lines that it may copy."""
    text = str(messages[-1].content)
    if "Copy" in text:
        lines = [line for line in text.partition("\n\n")[2].splitlines() if line]
        return "\n".join(line for line in lines if not line.startswith(("Copy", "Notes", "These")))
    return "[]"


@step(prompt="Give three tags for: {{ text }}")
def tag(text: str) -> list[str]:
    """Give three tags."""
    return ["none"]


class Blunt(BaseChatModel):
    """A model that cannot stream, counts tokens, and calls a tool where one is offered."""

    @property
    def _llm_type(self) -> str:
        return "blunt"

    def _generate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> ChatResult:
        calls = [{"name": "look_up", "args": {"order": 7}, "id": "c1"}] if options.get("tools") else []
        message = AIMessage(
            " Let me\n see. ",
            tool_calls=calls,
            usage_metadata={"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
            response_metadata={"finish_reason": "stop"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
        return self.bind(tools=list(tools), **options)


def look_up(order: int) -> str:
    """Tell the state of an order.

    Args:
        order: Its number.
    """
    return "sent"


def test_what_was_recorded_is_replayed_with_the_same_outcome(file: Path) -> None:
    def run(model: Cassette) -> Outcome[list[str]]:
        return tag.using(model).run("Boots")

    first = run(Cassette(file, "record", ScriptedModel(["not JSON", '["a", "b"]'])))
    again = run(Cassette(file, "strict"))
    assert (first.value, first.source, first.reasons) == (["a", "b"], "repaired", again.reasons)
    assert (again.value, again.source, again.model, again.usage.calls) == (
        first.value,
        first.source,
        "scripted",
        first.usage.calls,
    )
    assert (again.usage.tokens_in, again.usage.tokens_out) == (first.usage.tokens_in, first.usage.tokens_out)
    assert {row["request"]["seed"] for row in rows(file)} == {0, 1}
    assert all("deadline" not in row["request"] and len(row["key"]) == 64 for row in rows(file))


def facts(run: Run[Article]) -> tuple[str, str, list[dict[str, Any]]]:
    """What a run made, without its times and its id; steps side by side end in any order."""
    page = (run.folder / "article.html").read_text().replace(run.run_id, "ID")
    receipt = [{key: value for key, value in row.items() if key != "seconds"} for row in run.receipt]
    receipt.sort(key=str)
    return (run.folder / "article.md").read_text(), re.sub(r"\d+\.\d\d</td>", "", page), receipt


def test_a_whole_article_is_replayed_byte_for_byte_without_a_model(
    file: Path, knowledge: KnowledgeBase
) -> None:
    with Limner(model=Cassette(file, "record", ScriptedModel(copy)), knowledge=knowledge) as app:
        first = app.write(BRIEF)
    with Limner(model=f"cassette:{file}", knowledge=knowledge) as app:
        again = app.write(BRIEF)
        assert isinstance(app.model, Cassette)
        assert app.model.misses == []
    assert not first.degraded
    assert facts(again) == facts(first)
    pictures = [Path(run.output.images[0].path).read_bytes() for run in (first, again)]
    assert pictures[0] == pictures[1]


def test_a_changed_prompt_misses_and_the_difference_is_shown(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["Seven."])).invoke("How many?\nSay a number.", seed=3)
    cassette = Cassette(file, "strict")
    with pytest.raises(UnavailableError) as caught:
        cassette.invoke("How many?\nSay a word.", seed=3)
    told = str(caught.value)
    assert "line 1" in told
    assert "-Say a number.\n+Say a word." in told
    assert told.endswith("record it anew.")
    assert cassette.misses == [told]
    with pytest.raises(UnavailableError, match=r"-seed: 3\n\+seed: 4"):
        cassette.invoke("How many?\nSay a number.", seed=4)


def test_a_step_that_misses_takes_its_fallback_and_the_receipt_says_why(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["[]"])).invoke("Something else")
    cassette = Cassette(file, "strict")
    outcome = tag.using(cassette).run("Boots")
    assert (outcome.value, outcome.source) == (["none"], "fallback")
    assert [f"unavailable: {told}" for told in cassette.misses] == list(outcome.reasons)


def test_replay_asks_the_model_on_a_miss_and_strict_does_not(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["recorded"])).invoke("One")
    before = file.read_bytes()
    model = ScriptedModel(["live"])
    replay = Cassette(file, model=model)
    assert [replay.invoke(text).content for text in ("One", "Two")] == ["recorded", "live"]
    assert len(model.requests) == 1
    with pytest.raises(UnavailableError):
        Cassette(file, "strict", model).invoke("Two")
    assert file.read_bytes() == before


def test_equal_calls_are_answered_in_the_order_recorded(file: Path) -> None:
    recording = Cassette(file, "record", ScriptedModel(["one", "two"]))
    for _ in range(2):
        recording.invoke("Again")
    replay = Cassette(file)
    assert [replay.invoke("Again").content for _ in range(3)] == ["one", "two", "two"]


def test_a_torn_last_line_is_left_out_and_recording_goes_on_after_it(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["one"])).invoke("One")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    assert Cassette(file).invoke("One").content == "one"
    Cassette(file, "record", ScriptedModel(["two"])).invoke("Two")
    assert file.read_bytes().startswith(whole)
    assert [row["text"] for row in rows(file)] == ["one", "two"]


def test_a_spoilt_line_is_named_and_a_file_of_another_kind_is_not_touched(file: Path) -> None:
    file.write_text("{}\n")
    with pytest.raises(InputError, match="line 1"):
        Cassette(file)
    file.write_text("my notes")
    with pytest.raises(InputError, match="no cassette"):
        Cassette(file, "record", ScriptedModel(["a"]))
    assert file.read_text() == "my notes"


def test_what_cannot_work_is_refused_at_once(file: Path) -> None:
    with pytest.raises(InputError, match="needs a model"):
        Cassette(file, "record")
    with pytest.raises(InputError, match="no mode"):
        Cassette(file, "rewind")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Record it first"):
        open_chat(f"cassette:{file}", ModelSettings(), Store(file.parent))
    Cassette(file, "record", ScriptedModel(["a"])).invoke("One")
    with pytest.raises(InputError, match="another model"):
        Cassette(file, "record", ScriptedModel(["a"], model_name="other"))


def test_the_error_that_ended_an_answer_is_replayed_and_other_failures_are_not_recorded(file: Path) -> None:
    def fail(messages: Sequence[Any]) -> str:
        raise DeadlineError("No whole answer.", "Wait.") if "late" in str(messages) else RuntimeError("broke")

    recording = Cassette(file, "record", ScriptedModel(fail))
    with pytest.raises(DeadlineError):
        recording.invoke("late")
    with pytest.raises(RuntimeError, match="broke"):
        recording.invoke("broken")
    assert len(rows(file)) == 1
    with pytest.raises(DeadlineError, match=r"No whole answer\. Wait\."):
        Cassette(file).invoke("late")


def test_tool_calls_usage_and_finish_come_back_from_a_model_that_cannot_stream(file: Path) -> None:
    def ask(model: Cassette) -> list[AIMessage]:
        bound = model.bind_tools([look_up], tool_choice="any")
        return [bound.invoke("Where is order 7?"), asyncio.run(bound.ainvoke("And again?"))]

    recorded = ask(Cassette(file, "record", Blunt()))
    replayed = ask(Cassette(file, "strict"))
    for old, new in zip(recorded, replayed, strict=True):
        assert new.text == old.text == " Let me\n see. "
        assert new.tool_calls == old.tool_calls
        assert new.tool_calls[0]["args"] == {"order": 7}
        assert new.usage_metadata == old.usage_metadata
        assert new.response_metadata["finish_reason"] == "stop"


def test_replayed_answers_stream(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["One two three."])).invoke("Count")
    assert [str(chunk.content) for chunk in Cassette(file).stream("Count")][:3] == ["One ", "two ", "three."]


def test_broken_unicode_is_recorded_and_found_again(file: Path) -> None:
    Cassette(file, "record", ScriptedModel(["a \ud800 b"])).invoke("x \ud800 y")
    assert Cassette(file, "strict").invoke("x \ud800 y").content == "a ? b"


def test_many_threads_and_loops_may_record_and_replay_at_once(file: Path) -> None:
    def answer(messages: Sequence[Any]) -> str:
        return f"{messages[-1].content}! " * 50

    async def ask_all(cassette: Cassette, first: int) -> list[str]:
        asked = (cassette.ainvoke(f"Number {number}") for number in range(first, first + 10))
        return [str(message.content) for message in await asyncio.gather(*asked)]

    def everywhere(cassette: Cassette) -> list[list[str]]:
        with ThreadPoolExecutor(4) as pool:
            loops = [pool.submit(asyncio.run, ask_all(cassette, first)) for first in (0, 10, 20)]
            plain = pool.submit(lambda: [str(cassette.invoke(f"Number {n}").content) for n in range(30, 40)])
            return [future.result() for future in (*loops, plain)]

    threads = threading.active_count()
    recorded = everywhere(Cassette(file, "record", ScriptedModel(answer)))
    assert len({row["key"] for row in rows(file)}) == 40
    assert everywhere(Cassette(file, "strict")) == recorded
    assert threading.active_count() == threads
