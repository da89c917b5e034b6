"""The support bot on the command line: one question, a batch, a conversation, and its training."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
INTENTS = """
intents:
  - name: greet
    description: Say hello
    answer: Hello from us
    examples: [hello there, good day to you, hi folks]
  - name: question
    description: Ask something
    examples: [what does it cost, how long does it take, is it open]
"""


def test_ask_prints_the_reply_and_names_its_source(docs: Path, limner: Call) -> None:
    done = limner("ask", "What does the return label cost?", "--knowledge", docs)
    assert done.code == 0
    assert done.out.startswith("The return label costs $6.95")
    assert "returns.md" in done.err


def test_ask_json_is_the_contract(docs: Path, limner: Call) -> None:
    data = limner("ask", "What does the return label cost?", "--knowledge", docs, "--json").json
    assert data["status"] == "completed" and data["degraded"] is False
    assert list(data["output"]) == ["text", "status", "citations", "action"]
    assert (data["output"]["status"], data["output"]["action"]) == ("answered", None)
    (citation,) = data["citations"]
    assert list(citation) == ["id", "source", "quote", "start", "end"]
    text = (docs / "returns.md").read_text()
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert data["output"]["citations"] == data["citations"]


def test_a_thread_is_remembered_between_calls(docs: Path, limner: Call) -> None:
    said = ("--knowledge", docs, "--thread", "t")
    limner("ask", "Do you rent kayaks by the hour?", *said)
    assert limner("ask", "yes please", *said, "--json").json["output"]["status"] == "handed_over"


def test_a_batch_answers_every_row_and_goes_on_where_it_was_cut(docs: Path, limner: Call) -> None:
    rows = [
        {"id": "a", "question": "What does the return label cost?"},
        {"id": "b", "question": "Hello"},
        {"id": "c", "question": "Do you rent kayaks?", "thread": "t"},
        {"id": "d", "question": "yes please", "thread": "t"},
    ]
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = Path("out.jsonl")
    call = ("ask", "--batch", "in.jsonl", "--out", out, "--knowledge", docs)
    assert limner(*call).code == 0
    made = {row["id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert set(made) == {"a", "b", "c", "d"}
    assert {"id", "answer", "status", "citations", "receipt", "ms"} <= made["a"].keys()
    assert made["a"]["status"] == "answered" and made["d"]["status"] == "handed_over"
    first = out.read_text().splitlines()[0]
    out.write_text(first + "\n" + '{"id": "half')
    assert "3 answered, 1 were there" in limner(*call).err
    assert out.read_text().splitlines()[0] == first
    assert len(out.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Give a question, or --batch"),
        (("--batch", "in.jsonl"), "--batch needs --out"),
        (("hello", "--deadline", "0"), "--deadline is 0"),
        (("--batch", "missing.jsonl", "--out", "x"), "Cannot read 'missing.jsonl'"),
        (("--batch", "in.jsonl", "--out", "x"), "in.jsonl, line 2: no 'id' and 'question'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    arguments: tuple[str, ...], told: str, refused: Callable[..., str]
) -> None:
    Path("in.jsonl").write_text('{"id": 1, "question": "x"}\n{"id": 2}\n')
    assert told in refused("ask", *arguments)


def test_without_documents_and_tools_it_says_what_to_add(refused: Callable[..., str]) -> None:
    assert "--knowledge" in refused("ask", "Hello?")


def test_a_conversation_in_a_terminal(docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "What does the return label cost?\n/receipt\n/sources\n/help\n/forget\n/quit\nnever read\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    done = limner("chat", "--knowledge", docs)
    assert done.code == 0
    assert "The return label costs $6.95" in done.out and "Forgotten." in done.out
    assert "made by" in done.out and "returns.md [" in done.out


def test_training_prints_what_it_is_worth_and_writes_the_file(limner: Call) -> None:
    Path("intents.yaml").write_text(INTENTS)
    data = limner("support", "train", "intents.yaml", "--json").json
    assert (data["intents"], data["examples"], data["folds"]) == (2, 6, 3)
    assert 0 <= data["accuracy"] <= 1
    assert Path(data["path"]) == Path("intents.safetensors").absolute()
    assert Path("intents.safetensors").exists()


def test_the_bot_uses_the_trained_file_beside_the_intents(docs: Path, limner: Call) -> None:
    Path("intents.yaml").write_text(INTENTS)
    limner("support", "train", "intents.yaml")
    done = limner("ask", "good day to you folks", "--knowledge", docs, "--intents", "intents.yaml")
    assert done.out.strip() == "Hello from us"


def test_training_refuses_a_file_of_another_kind(refused: Callable[..., str]) -> None:
    Path("intents.yaml").write_text(INTENTS)
    assert ".safetensors" in refused("support", "train", "intents.yaml", "--out", "router.pkl")
