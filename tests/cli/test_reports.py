"""Commands that tell how things are: graphs, models, doctor, demo, help."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import limner as package
from limner.cli import main
from limner.cli.faults import FAULTS

Call = Callable[..., Any]


def test_graphs_are_named_and_drawn(limner: Call) -> None:
    Path("limner.toml").write_text('[graphs]\ntickets = "mybot:build"\n')
    rows = limner("graphs", "list", "--json").json
    assert [row["name"] for row in rows] == ["content", "draw", "research", "support", "tickets"]
    assert "tickets" in limner("graphs", "list").out
    drawn = limner("graphs", "show", "content", "--json").json
    assert drawn["name"] == "content" and "retrieve --> plan" in drawn["mermaid"]
    assert limner("graphs", "show", "content").out.strip() == drawn["mermaid"].strip()


def test_models_are_named_with_licence_size_and_whether_they_are_here(
    limner: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path / "nothing"))
    rows = limner("models", "list", "--json").json
    assert {"qwen2.5-coder-1.5b-instruct", "smollm2-135m-instruct", "all-minilm-l6-v2"} <= {
        row["name"] for row in rows
    }
    assert all({"name", "licence", "size", "present"} <= row.keys() for row in rows)
    assert not any(row["present"] for row in rows)
    assert "Apache-2.0" in limner("models", "list").out


def test_a_model_is_shown_with_its_hashes_and_sources(limner: Call) -> None:
    shown = limner("models", "show", "qwen2.5-coder-1.5b-instruct", "--json").json
    (file,) = shown["files"]
    assert file["size"] == 1_117_320_768
    assert file["sha256"] == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert "huggingface.co/Qwen" in shown["sources"][0]
    assert file["sha256"] in limner("models", "show", "qwen2.5-coder-1.5b-instruct").out


def test_doctor_tells_what_is_missing_and_what_to_do(
    limner: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    healthy = limner("doctor", "--json")
    assert healthy.code == 0 and all(row["ok"] for row in healthy.json)
    assert {"limner", "python", "torch", "disk", "chat model"} <= {row["item"] for row in healthy.json}
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path / "nothing"))
    monkeypatch.setenv("LIMNER_MODEL__NAME", "smollm2-135m-instruct")
    ill = limner("doctor", "--json")
    assert ill.code == 4
    assert [row["remedy"] for row in ill.json if not row["ok"]] == [
        "limner models pull smollm2-135m-instruct"
    ]
    assert "limner models pull smollm2-135m-instruct" in limner("doctor").out


@pytest.mark.slow
def test_the_demonstration_of_faults_takes_less_than_half_a_minute(limner: Call) -> None:
    started = time.monotonic()
    done = limner("demo", "faults", "--json")
    assert done.code == 0 and time.monotonic() - started < 30
    rows = done.json["rows"]
    assert [row["fault"] for row in rows] == list(FAULTS) and len(rows) == 8
    for row in rows:
        assert list(row) == ["fault", "langgraph", "limner"]
        assert row["langgraph"].keys() == {"outcome", "seconds"}
        assert row["limner"].keys() == {"valid", "source", "reason", "seconds"}
        assert row["limner"]["valid"] is True and row["limner"]["reason"]
        assert row["limner"]["seconds"] <= 1.1


def test_help_comes_alone_where_no_command_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    for given in ([], ["runs"], ["knowledge"]):
        assert main(given) == 2
        out, err = capsys.readouterr()
        assert "Usage: limner" in out + err and "limner: See" not in err
    assert main(["--help"]) == 0 and main(["write", "-h"]) == 0
    capsys.readouterr()
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{package.__version__}\n"


def test_every_option_of_every_command_is_explained() -> None:
    import typer

    from limner.cli import build

    def commands(command: Any, name: str) -> list[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            return [(name, command)]
        return [found for key, sub in inner.items() for found in commands(sub, f"{name} {key}")]

    for name, command in commands(typer.main.get_command(build()), "limner"):
        assert command.help, name
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, f"{name} {option.opts[0]}"
