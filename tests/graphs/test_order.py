"""The order of an article over several documents, and the headings that stand over its topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner import Limner

BACKUP = """# Making backups

## The first backup

Run `keep now` once the folders are named. The first backup takes an hour for each 100 GB.

## The schedule

A backup runs every day at half past twelve. A computer that is off catches up ten minutes after it starts.
"""
INSTALL = """# Installing Keep

## What you need

A computer with 4 GB of memory is enough. The store needs twice the room of the files that it keeps.

## Where it runs

The program runs on Linux and on Windows. It starts with the computer and asks for no account at all.
"""
SHED = """# The tool shed

## Borrowing

Members borrow three tools at a time. The keeper of the tool shed at Elm Road collects the fee of 2 euros.

## The key

The key hangs in the office. It must be back by six in the evening.
"""


@pytest.fixture
def app(tmp_path: Path) -> Limner:
    return Limner(model="", embeddings="", images="", home=tmp_path / "home")


def titles(app: Limner, tmp_path: Path, brief: dict[str, object], **documents: str) -> list[str]:
    for name, text in documents.items():
        (tmp_path / f"{name}.md").write_text(text)
    with app:
        made = app.write(brief, knowledge=[str(tmp_path / f"{name}.md") for name in documents]).output
    return [section.title for section in made.sections]


def test_instructions_begin_with_what_must_be_installed(app: Limner, tmp_path: Path) -> None:
    brief = {
        "topic": "Setting up backups with Keep",
        "kind": "how-to",
        "sections": 4,
        "words": 200,
        "images": 0,
    }
    found = titles(app, tmp_path, brief, backup=BACKUP, install=INSTALL)
    assert found.index("What you need") < found.index("The first backup")


def test_a_sentence_is_kept_though_its_verb_may_speak_of_documents(app: Limner, tmp_path: Path) -> None:
    (tmp_path / "shed.md").write_text(SHED)
    with app:
        made = app.write(
            {"topic": "The tool shed", "sections": 2, "words": 150, "images": 0},
            knowledge=[str(tmp_path / "shed.md")],
        ).output
    said = [sentence.text for section in made.sections for sentence in section.sentences]
    assert any(text.startswith("The keeper of the tool shed") for text in said)
