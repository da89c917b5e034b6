"""``limner ask``: the support bot on one question, or on a file of them."""

from __future__ import annotations

import asyncio
import json as json_module
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import InputError, LimnerError
from .common import Config, Home, Json, Knowledge, Model, Seed, StoppedError, fail_of, open_app, watching
from .output import err, print_json

if TYPE_CHECKING:
    from ..app import Limner
    from ..graphs.conversation.reply import Reply

Thread = Annotated[str, typer.Option("--thread", help="The conversation that the question belongs to.")]
Customer = Annotated[str, typer.Option("--customer", help="Who is asking; tools serve this customer alone.")]
Deadline = Annotated[float, typer.Option("--deadline", help="Seconds until the reply is there.")]
Intents = Annotated[str | None, typer.Option("--intents", help="A YAML file of intents.")]
MOST_AT_ONCE = 8
"""Questions of a batch that are under way together."""


def ask(
    question: Annotated[
        str | None, typer.Argument(help="What the customer writes, or '-' for stdin.")
    ] = None,
    knowledge: Knowledge = None,
    thread: Thread = "",
    customer: Customer = "",
    batch: Annotated[
        str | None, typer.Option("--batch", help='JSON lines of {"id", "question", "thread"?}.')
    ] = None,
    out: Annotated[str | None, typer.Option("--out", help="Where the batch's replies go.")] = None,
    deadline: Deadline = 60,
    seed: Seed = 0,
    model: Model = None,
    intents: Intents = None,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Ask the support bot; every fact of its reply is checked against the documents."""
    from ..graphs.runner import new_run_id

    if (question is None) == (batch is None):
        raise InputError("Give a question, or --batch with a file.", "See `limner ask --help`.")
    if batch is not None and out is None:
        raise InputError("--batch needs --out.", "Name the file for the replies.")
    if not deadline > 0:
        raise InputError(f"--deadline is {deadline:g}.", "Give seconds above 0.")
    with open_app(config, home, model=model, intents=intents) as app:
        options: dict[str, Any] = {"deadline": deadline, "seed": seed, "knowledge": knowledge}
        if batch is not None and out is not None:
            rows = read_batch(batch)
            answer_batch(app, rows, Path(out), options)
            return
        text = sys.stdin.read() if question == "-" else question or ""
        run_id = new_run_id("support")
        with watching(run_id) as watch:
            reply = app.ask(text, thread, customer, run_id=run_id, emit=watch, **options)
            watch.rest(reply.run.receipt)
    if json:
        print_json(reply.run.to_json())
    else:
        show(reply)
    raise typer.Exit(fail_of(reply.run))


def show(reply: Reply) -> None:
    """Print a reply for people, with its sources below."""
    print(reply.text)
    sources = list(dict.fromkeys(citation.source for citation in reply.citations))
    if sources:
        err.print(f"[dim]from {escape(', '.join(sources))}[/]", soft_wrap=True)
    if reply.degraded:
        err.print("[yellow]degraded:[/] a configured model did not serve; /receipt or --json says why")
    if reply.waiting:
        err.print(
            f"a person must approve: limner runs resume {reply.run.run_id} --answer '{{\"approve\": true}}'"
        )


# -- batches


def read_batch(name: str) -> list[dict[str, Any]]:
    """Read the questions of a file.

    Raises:
        InputError: It cannot be read, or a line is no question; the message names the line.
    """
    rows = []
    seen: set[str] = set()
    for number, row in _lines(name):
        if not isinstance(row, dict) or "id" not in row or not str(row.get("question", "")).strip():
            raise InputError(
                f"{name}, line {number}: no 'id' and 'question'.", 'A row is {"id", "question", "thread"?}.'
            )
        if str(row["id"]) in seen:
            raise InputError(f"{name}, line {number}: id {row['id']!r} is there twice.", "Make ids unique.")
        seen.add(str(row["id"]))
        rows.append(row)
    return rows


def _lines(name: str) -> Iterator[tuple[int, Any]]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"Cannot read {name!r}: {why}.", "Give JSON lines.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json_module.loads(line)
            except json_module.JSONDecodeError as error:
                raise InputError(f"{name}, line {number}: not valid JSON: {error.msg}.", "Fix it.") from error


def answer_batch(app: Limner, rows: list[dict[str, Any]], out: Path, options: dict[str, Any]) -> None:
    """Answer every question that `out` does not hold yet, several at once, and append each as it is done.

    Rows of one thread are answered one after another. A file that a kill cut off is gone on with.
    """
    done = _answered(out)
    missing = [row for row in rows if str(row["id"]) not in done]
    columns = (TextColumn("answering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
            task = bar.add_task("answering", total=len(rows), completed=len(rows) - len(missing))
            with out.open("a", encoding="utf-8") as file:

                def keep(row: dict[str, Any]) -> None:
                    file.write(json_module.dumps(row, ensure_ascii=False) + "\n")
                    file.flush()
                    bar.advance(task)

                app._wait(lambda: _answer_all(app, missing, options, keep), "aask")
    except OSError as error:
        raise InputError(f"Cannot write {str(out)!r}: {error.strerror}.", "Choose another file.") from error
    except KeyboardInterrupt as error:
        raise StoppedError("The batch was interrupted.", "The same command goes on with it.") from error
    err.print(f"{len(missing)} answered, {len(rows) - len(missing)} were there")


def _answered(out: Path) -> set[str]:
    """The ids in a file of replies; a line that a kill cut off is taken away."""
    if not out.exists():
        return set()
    data = out.read_bytes()
    whole = data.rpartition(b"\n")[0] + b"\n" if b"\n" in data else b""
    try:
        ids = {str(json_module.loads(line)["id"]) for line in whole.splitlines() if line.strip()}
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{str(out)!r} is no file of replies.", "Choose another --out.") from error
    if len(whole) < len(data):
        out.write_bytes(whole)
    return ids


async def _answer_all(app: Limner, rows: list[dict[str, Any]], options: dict[str, Any], keep: Any) -> None:
    threads: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        name = f"thread {row['thread']}" if row.get("thread") else f"row {row['id']}"
        threads.setdefault(name, []).append(row)
    free = asyncio.Semaphore(MOST_AT_ONCE)

    async def answer_thread(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            async with free:
                keep(await _answer(app, row, options))

    async with asyncio.TaskGroup() as group:
        for each in threads.values():
            group.create_task(answer_thread(each))


async def _answer(app: Limner, row: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    made: dict[str, Any] = {"id": row["id"]}
    try:
        given = (str(row["question"]), str(row.get("thread") or ""), str(row.get("customer") or ""))
        reply = await app.aask(*given, **options)
        data = reply.run.to_json()
        output = data["output"]
        made |= {"answer": output["text"], "status": output["status"], "citations": output["citations"]}
        made |= {"action": output["action"], "degraded": data["degraded"], "receipt": data["receipt"]}
    except InputError:
        raise
    except LimnerError as error:
        # one question that fails must not cost the others their answers
        failed = {"code": error.code, "message": error.message, "hint": error.hint}
        made |= {"answer": "", "status": "failed", "citations": [], "receipt": [], "error": failed}
    return {**made, "ms": round((time.perf_counter() - started) * 1e3, 2)}
