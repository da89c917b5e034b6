"""Task files: YAML or JSONL, checked field by field, with the line in every message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from ..agents.brief import Brief
from ..agents.messages.intents import load_intents
from ..errors import InputError
from ..retrieval.find import discover
from .match import Patterns, Words

MAX_BYTES = 4_000_000
"""Largest task file."""
Named = Annotated[str, Field(max_length=200), BeforeValidator(lambda given: str(given))]
Split = Literal["tune", "held"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Task(_Strict):
    id: str = Field(pattern=r"^[\w.-]{1,80}$")
    split: Split = "tune"
    """``held`` tasks are for the last measurement: nothing is tuned on them."""


class ContentTask(_Task):
    """A brief, the documents to write from, and what a reader should learn."""

    kind: Literal["content"] = "content"
    brief: Brief
    knowledge: tuple[str, ...] = Field(min_length=1)
    """Files and folders, relative to the suite file."""
    key_facts: tuple[Patterns, ...] = ()
    """Each a pattern or a list of alternatives; one that stands in the text is covered."""
    unwanted: tuple[Patterns, ...] = ()
    """What an editor would strike: words of the documents that are for others, or beside the subject."""


class Turn(_Strict):
    """What the user says, and what is expected of the reply."""

    say: str = Field(min_length=1, max_length=4000)
    status: Words = ()
    """One of these."""
    all: Patterns = ()
    any: Patterns = ()
    none: Patterns = ()
    cites: str = ""
    """End of the name of a document that is cited."""
    action: str = ""


class DialogueTask(_Task):
    """Turns on one thread."""

    kind: Literal["dialogue"]
    customer: Named = ""
    """Who is signed in; "" for nobody: the graph is then given none."""
    turns: tuple[Turn, ...] = Field(min_length=1, max_length=100)
    before: str = ""
    """``module:function``, called with (app, thread) before the first turn."""
    final: str = ""
    """``module:function``, called with (app, thread) after the last turn; returns a fault or None."""


class Expect(_Strict):
    """What a single answer is held against."""

    scorer: Literal["exact", "f1", "contains", "json"]
    value: Any
    field: str = ""
    """Dotted path into the output, as in ``reply`` or ``order.total``; none: the whole output."""
    at_least: float = Field(default=1.0, gt=0, le=1)
    """Score from which the task is passed."""

    @field_validator("value")
    @classmethod
    def _text(cls, value: Any, info: Any) -> Any:
        if info.data.get("scorer") in ("exact", "f1") and not isinstance(value, str | int | float):
            raise ValueError("exact and f1 compare with a text or a number")
        return value


class SingleTask(_Task):
    """One input for a graph, and what its output should be."""

    kind: Literal["single"]
    input: dict[str, Any]
    expect: Expect


Task = ContentTask | DialogueTask | SingleTask


class Support(_Strict):
    """The desk that the dialogues of a suite are held at, in place of the app's own."""

    intents: str = ""
    """A YAML file, relative to the suite file."""
    tools: str = ""
    """``module:function``, called with a folder for its files; returns LangChain tools."""


class Suite(_Strict):
    """The tasks of a file."""

    name: str = Field(pattern=r"^[\w.-]{1,80}$")
    graph: str = ""
    """What dialogue and single tasks run: a registered name or ``module:function``."""
    knowledge: tuple[str, ...] = ()
    """Documents of dialogue and single tasks, relative to the suite file."""
    support: Support | None = None
    tasks: tuple[Annotated[Task, Field(discriminator="kind")], ...] = Field(min_length=1)
    folder: Path = Field(default=Path(), exclude=True)

    def paths(self, task: Task) -> list[str]:
        """The absolute paths of a task's documents."""
        given = task.knowledge if isinstance(task, ContentTask) else self.knowledge
        return [str((self.folder / path).resolve()) for path in given]

    @property
    def sha256(self) -> str:
        """Of the tasks and of every document that they name: logs are compared under the same hash.

        Raises:
            InputError: A document is missing.
        """
        digest = hashlib.sha256(self.model_dump_json().encode())
        folders = {tuple(self.paths(task)): None for task in self.tasks}
        for paths in folders:
            for found in discover(paths).found if paths else ():
                digest.update(found.document.encode() + hashlib.sha256(found.path.read_bytes()).digest())
        if self.support is not None and self.support.intents:
            digest.update(load_intents(self.folder / self.support.intents).sha256.encode())
        return digest.hexdigest()

    def select(
        self, only: Sequence[str] = (), split: Split | None = None, limit: int | None = None
    ) -> list[Task]:
        """The tasks with these ids, of this split, and of those the first.

        Raises:
            InputError: An id is unknown, or nothing is left.
        """
        known = {task.id for task in self.tasks}
        for name in only:
            if name not in known:
                raise InputError(
                    f"Suite {self.name!r} has no task {name!r}.", f"It has {', '.join(sorted(known))}."
                )
        chosen = [
            task
            for task in self.tasks
            if (not only or task.id in only) and (split is None or task.split == split)
        ]
        if not chosen:
            raise InputError(f"Suite {self.name!r} has no such task.", "Choose another split.")
        return chosen[:limit]


def load_suite(path: str | Path) -> Suite:
    """Read a suite from YAML, or from JSONL with one task a line.

    Raises:
        InputError: It cannot be read or a field is wrong; the message names file and line.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"Cannot read the suite {str(path)!r}: {why}.", "Check the path.") from error
    if len(text) > MAX_BYTES:
        raise InputError(f"The suite {str(path)!r} is larger than {MAX_BYTES:,} bytes.", "Split it.")
    data, lines = _read_jsonl(path, text) if path.suffix == ".jsonl" else _read_yaml(path, text)
    data = {"name": path.stem, **data}
    try:
        suite = Suite(**data, folder=path.resolve().parent)
    except ValidationError as error:
        first = error.errors()[0]
        where = tuple(part for part in first["loc"] if part not in ("content", "dialogue", "single"))
        field = ".".join(str(part) for part in where) or "suite"
        raise InputError(
            f"{_at(path, lines, where)}: {field}: {first['msg']}, got {first['input']!r:.80}.", "Fix it."
        ) from error
    except InputError as error:
        # a brief checks itself, and knows no place
        raise InputError(f"{path}: {error.message}", error.hint) from error
    ids = [task.id for task in suite.tasks]
    for number, name in enumerate(ids):
        if name in ids[:number]:
            raise InputError(
                f"{_at(path, lines, ('tasks', number))}: a second task {name!r}.", "Give it another id."
            )
    return suite


Lines = dict[tuple[Any, ...], int]


def _at(path: Path, lines: Lines, where: tuple[Any, ...]) -> str:
    """File and line of a field, or of the nearest thing that holds it."""
    for end in range(len(where), -1, -1):
        if where[:end] in lines:
            return f"{path}, line {lines[where[:end]]}"
    return str(path)


def _read_jsonl(path: Path, text: str) -> tuple[dict[str, Any], Lines]:
    tasks: list[Any] = []
    lines: Lines = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: not valid JSON: {error}.", "Fix it.") from error
        lines["tasks", len(tasks)] = number
        tasks.append(row)
    # the first line may hold what YAML has at the top
    head = tasks.pop(0) if tasks and isinstance(tasks[0], dict) and "id" not in tasks[0] else {}
    if head:
        lines = {("tasks", key[1] - 1): line for key, line in lines.items() if key[1]}
    return {**head, "tasks": tasks}, lines


def _read_yaml(path: Path, text: str) -> tuple[dict[str, Any], Lines]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        where = f"{path}, line {line}" if line else str(path)
        raise InputError(
            f"{where}: not valid YAML: {getattr(error, 'problem', error)}.", "Fix it."
        ) from error
    if not isinstance(data, dict):
        raise InputError(f"{path} holds no fields.", "A suite is a mapping with at least 'tasks'.")
    return data, dict(_lines_of(node, ()))


def _lines_of(node: Any, where: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Every place in a YAML tree with its line."""
    yield where, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines_of(value, (*where, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines_of(value, (*where, number))
