"""``limner eval``: run a suite, go on with it, compare two logs, show one, and hold it to a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..errors import InputError, RunError
from .common import Config, Deadline, Home, Json, Model, Seed, StoppedError, open_app
from .output import counted, err, print_json, print_result, table, write_out

if TYPE_CHECKING:
    from ..evals import Comparison, Plan, Report

app = typer.Typer(help="Measure, compare and gate.", no_args_is_help=True)
Part = Literal["tune", "held"]
LogArgument = Annotated[str, typer.Argument(metavar="LOG", help="A log that `eval run` wrote.")]


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="A task file, YAML or JSONL.")],
    out: Annotated[str | None, typer.Option("--out", help="The log; one that is there is finished.")] = None,
    graph: Annotated[str, typer.Option("--graph", help="In place of the one that the suite names.")] = "",
    model: Model = None,
    seed: Seed = 0,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="How often each task is run.")] = 1,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="A task's id; repeatable.")] = None,
    split: Annotated[
        Part | None, typer.Option("--split", help="tune: those to work on; held: the rest.")
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, help="Samples at once.")] = 1,
    unguarded: Annotated[
        bool, typer.Option("--unguarded", help="The same model in one plain prompt, without any check.")
    ] = False,
    deadline: Deadline = 600,
    config: Config = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Run what the log lacks of a suite; interrupted at any point, the same command goes on."""
    from ..evals import Plan, load_suite

    if not deadline > 0:
        raise InputError(f"--deadline is {deadline:g}.", "Give seconds above 0.")
    plan = Plan(
        suite, graph, seed, repeats, tuple(only or ()), split, limit, concurrency, unguarded, deadline
    )
    loaded = load_suite(suite)
    with open_app(config, home, model=model) as limner:
        name = limner.settings.model.name if model is None else model
        parts = [loaded.name, name.rpartition("/")[2].replace(":", "-") or "no-model"]
        default = "-".join([*parts, "unguarded"] if unguarded else parts) + ".jsonl"
        _carry_out(limner, plan, Path(out or default), json)


@app.command()
def resume(log: LogArgument, config: Config = None, home: Home = None, json: Json = False) -> None:
    """Finish a log, as it was begun."""
    from ..evals import Plan, read_log

    header = read_log(log).header
    try:
        told = {**header["plan"], "only": tuple(header["plan"]["only"])}
        plan, model = Plan(**told), str(header["reference"])
    except (TypeError, KeyError) as error:
        raise InputError(f"The header of {log!r} holds no plan.", "Use `eval run` with --out.") from error
    with open_app(config, home, model=model) as limner:
        _carry_out(limner, plan, Path(log), json)


@app.command()
def compare(
    a: LogArgument, b: Annotated[str, typer.Argument(metavar="LOG", help="The other.")], json: Json = False
) -> None:
    """Compare log B with log A, paired by task."""
    from ..evals import compare as compare_logs
    from ..evals import read_log

    made = compare_logs(read_log(a), read_log(b))
    if json:
        print_json(made.to_json())
        return
    _show_comparison(made)


@app.command()
def report(
    log: LogArgument,
    out: Annotated[str, typer.Option("--out", help="Folder for the page and the Markdown.")] = ".",
    json: Json = False,
) -> None:
    """Write a log as one HTML page and as Markdown."""
    from ..evals import Report, read_log

    made = Report(read_log(log))
    page = made.save(out).absolute()
    if json:
        print_json({**made.to_json(), "html_path": str(page), "markdown_path": str(page.with_suffix(".md"))})
    else:
        print(page)


@app.command()
def gate(
    log: LogArgument,
    floor: Annotated[list[str] | None, typer.Option("--floor", help="SCORE=NUMBER; repeatable.")] = None,
    baseline: Annotated[str | None, typer.Option("--baseline", help="A log to be no worse than.")] = None,
    junit: Annotated[str | None, typer.Option("--junit", help="File for JUnit XML.")] = None,
    json: Json = False,
) -> None:
    """Hold a log to floors and against a baseline; exit code 4 where it does not hold."""
    from ..evals import Report, read_log

    floors = {}
    for given in floor or ():
        name, _, number = given.partition("=")
        try:
            floors[name] = float(number)
        except ValueError as error:
            raise InputError(f"--floor is {given!r}.", "Write SCORE=NUMBER, as in supported=0.95.") from error
    read = read_log(log)
    held = Report(read).gate(floors, baseline)
    if junit is not None:
        write_out(junit, held.to_junit(str(read.header["suite"])).decode())
    if json:
        print_json(held.to_json())
    else:
        rows = [("fails" if check.fault else "holds", check.name, check.fault) for check in held.checks]
        print_result(table(["", "check", "why"], rows))
    raise typer.Exit(0 if held.passed else RunError.exit_code)


def _carry_out(limner: Any, plan: Plan, out: Path, json: bool) -> None:
    with _bar() as show:
        try:
            report = limner.evaluate(plan.graph, plan, out=out, progress=show)
        except KeyboardInterrupt as error:
            raise StoppedError("Interrupted.", f"`limner eval resume {out}` goes on with it.") from error
    if json:
        print_json(report.to_json())
    else:
        _show(report)
        err.print(str(out), soft_wrap=True, markup=False)


@contextmanager
def _bar() -> Iterator[Callable[[int, int, str], None]]:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        task = bars.add_task("", total=None)

        def show(done: int, total: int, last: str) -> None:
            bars.update(task, completed=done, total=total, description=last)
            if last and not err.is_terminal:
                err.print(f"{done}/{total} {last}", soft_wrap=True)

        yield show


def _show(report: Report) -> None:
    rows = [
        (
            row.scorer,
            row.better,
            row.n,
            *(f"{value:.3f}" for value in (row.mean, row.median, row.least, row.most)),
        )
        for row in report.means
    ]
    columns = ["score", "better", "n", "mean", "median", "min", "max"]
    print_result(table(columns, rows, numbers=range(2, 7)))
    if (passed := report.pass_k) is not None:
        err.print(f"all of {counted(passed[1], 'repeat')} passed: {passed[0]:.1%} of the tasks")


def _show_comparison(made: Comparison) -> None:
    rows = []
    for row in made.rows:
        p = "" if row.p_holm is None else f"{row.p_holm:.4f}"
        least = "" if row.detectable is None else f"{row.detectable:.3f}"
        interval = f"{row.low:+.3f} to {row.high:+.3f}"
        split = "" if row.better == "none" else f"{row.wins}:{row.losses}"
        figures = (row.n, f"{row.a:.3f}", f"{row.b:.3f}", f"{row.difference:+.3f}", interval, split, p, least)
        rows.append((row.scorer, row.better, *figures, row.verdict))
    columns = ["score", "better", "n", "A", "B", "B - A", "95 % interval", "won:lost", "p (Holm)"]
    print_result(table([*columns, "detectable", "B is"], rows, numbers=range(2, 10)))
    err.print(f"A is {made.a}, B is {made.b}", soft_wrap=True, markup=False)
    if made.unpaired:
        err.print(f"[yellow]{counted(made.unpaired, 'task')} in only one of the logs: left out[/]")
