"""``limner knowledge``: the documents that answers and articles are grounded on."""

from __future__ import annotations

import json as json_module
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..errors import InputError
from .common import Config, Home, Json, Knowledge, open_app
from .output import counted, err, print_json, print_result, table, write_out

if TYPE_CHECKING:
    from ..retrieval import KnowledgeBase

Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose documents; left out: nobody's own.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="A role; may be repeated.")]

app = typer.Typer(help="The documents that articles and answers are grounded on.", no_args_is_help=True)


@contextmanager
def _reading() -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _warn(base: KnowledgeBase) -> None:
    for note in base.notes:
        err.print(f"[yellow]words only:[/] {escape(note)}", soft_wrap=True)


@app.command()
def add(
    paths: Annotated[list[str], typer.Argument(help="Files and folders.")],
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a document that cannot be read.")] = False,
    metadata: Annotated[
        str | None, typer.Option("--metadata", help='Of every document, in JSON: {"year": 2024}.')
    ] = None,
    tenant: Tenant = None,
    role: Roles = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Index documents; only new and changed ones are embedded."""
    known = _mapping("--metadata", metadata)
    with open_app(config, home) as opened, _reading() as show:
        added = opened.knowledge.add(
            *paths, metadata=known, tenant=tenant, roles=role or [], progress=show, strict=strict
        )
        _warn(opened.knowledge)
    skipped = [{"document": left.document, "reason": left.reason} for left in added.skipped]
    if json:
        counts = {key: getattr(added, key) for key in ("documents", "passages", "unchanged", "removed")}
        print_json({**counts, "skipped": skipped})
        return
    for left in skipped:
        name, why = left["document"], left["reason"]
        err.print(f"[yellow]left out:[/] {escape(why if name in why else f'{name}: {why}')}", soft_wrap=True)
    print(
        f"{counted(added.documents, 'document')} in {counted(added.passages, 'passage')}; "
        f"{added.unchanged} unchanged, {added.removed} removed"
    )


@app.command()
def search(
    query: Annotated[str | None, typer.Argument()] = None,
    knowledge: Knowledge = None,
    k: Annotated[int, typer.Option("-k", help="How many passages.")] = 8,
    batch: Annotated[str | None, typer.Option("--batch", help='JSON lines: {"id", "query"}.')] = None,
    out: Annotated[str | None, typer.Option("--out", help="Where the batch's answers go.")] = None,
    where: Annotated[
        str | None, typer.Option("--where", help='Filter, in JSON: {"year": {"gte": 2024}}.')
    ] = None,
    tenant: Tenant = None,
    role: Roles = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Find the passages that answer a query best."""
    from ..app import Limner

    if (query is None) == (batch is None):
        raise InputError(
            "Give a query or --batch, one of the two.", "`limner knowledge search 'a question'`."
        )
    asked: dict[str, Any] = {"where": _mapping("--where", where), "tenant": tenant, "roles": role or []}
    if batch is not None and out is None:
        raise InputError("--batch needs --out.", "Name the file for the answers.")
    with Limner(config, home=home, knowledge=list(knowledge) if knowledge else None) as opened:
        base = opened.knowledge
        if batch is not None and out is not None:
            _search_batch(base, batch, out, k, asked)
            return
        found = base.search(query or "", k, **asked)
        _warn(base)
    if json:
        print_json([passage.model_dump() for passage in found])
        return
    for passage in found:
        place = " › ".join([passage.source, *passage.heading])
        print(f"{passage.score:.2f}  {place}\n{passage.text}\n")


def _search_batch(base: KnowledgeBase, batch: str, out: str, k: int, asked: dict[str, Any]) -> None:
    """Rank document ids for every query of a file."""
    answers = []
    for number, row in _rows(batch):
        if not isinstance(row, dict) or not {"id", "query"} <= row.keys():
            raise InputError(f"{batch}, line {number}: no 'id' and 'query'.", 'A row is {"id", "query"}.')
        if not str(row["query"]).strip():
            raise InputError(f"{batch}, line {number}: the query is blank.", "Ask something.")
        started = time.perf_counter()
        # several passages of one document count once, so look further than k passages
        found = base.search(str(row["query"]), max(k, 50), **asked)
        ranked = list(dict.fromkeys(passage.source for passage in found))
        answers.append(
            {"id": row["id"], "ranked": ranked, "ms": round((time.perf_counter() - started) * 1e3, 2)}
        )
    write_out(out, "".join(json_module.dumps(row) + "\n" for row in answers))


def _mapping(option: str, text: str | None) -> dict[str, Any] | None:
    """Read the JSON object that an option was given."""
    if text is None:
        return None
    try:
        value = json_module.loads(text)
    except json_module.JSONDecodeError as error:
        raise InputError(f"{option} is not valid JSON: {error.msg}.", 'Write {"field": value}.') from error
    if not isinstance(value, dict):
        raise InputError(f"{option} is no JSON object.", 'Write {"field": value}.')
    return value


def _rows(name: str) -> Iterator[tuple[int, Any]]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except OSError as error:
        raise InputError(f"Cannot read {name!r}: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name!r} is not UTF-8 text.", "Give one JSON object a line.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json_module.loads(line)
            except json_module.JSONDecodeError as error:
                raise InputError(f"{name}, line {number}: not valid JSON: {error.msg}.", "Fix it.") from error


@app.command("list")
def list_documents(
    knowledge: Knowledge = None,
    tenant: Tenant = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Name the indexed documents of a tenant, or of nobody, whatever their roles."""
    from ..app import Limner

    with Limner(config, home=home, knowledge=list(knowledge) if knowledge else None) as opened:
        owned = opened.knowledge.owned(tenant)
    names, counts = list(owned), list(owned.values())
    if json:
        print_json([{"id": name, "passages": n} for name, n in zip(names, counts, strict=True)])
    else:
        print_result(table(["document", "passages"], zip(names, counts, strict=True), numbers=(1,)))


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Document ids, as `list` names them.")],
    tenant: Tenant = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take documents out of the index."""
    gone = list(dict.fromkeys(documents))
    with open_app(config, home) as opened:
        known = opened.knowledge.owned(tenant)
        for document in gone:
            # a misspelt name is told before anything is removed
            if document not in known:
                raise InputError(f"There is no document {document!r}.", "`limner knowledge list` names them.")
        opened.knowledge.remove_all(gone, tenant)
    if json:
        print_json({"removed": gone})
    else:
        print(f"{counted(len(gone), 'document')} removed")
