"""The command line: ``limner COMMAND``. Progress on standard error, results on standard output."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import typer

from .. import __version__
from ..errors import InputError, LimnerError
from .output import print_json, report


def build() -> typer.Typer:
    """Assemble the commands."""
    from . import bench, demo, doctor, graphs, knowledge, models, run, runs, write

    app = typer.Typer(
        name="limner",
        help="Agent workflows on your own hardware that always end, with a valid result and a receipt.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=True)
    def top(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
        if version:
            print(__version__)
            raise typer.Exit

    app.command("write")(write.write)
    app.command("run")(run.run)
    app.command("trace")(runs.trace)
    app.command("doctor")(doctor.doctor)
    app.add_typer(bench.app, name="bench")
    app.add_typer(demo.app, name="demo")
    app.add_typer(graphs.app, name="graphs")
    app.add_typer(knowledge.app, name="knowledge")
    app.add_typer(models.app, name="models")
    app.add_typer(runs.app, name="runs")
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 completed (degraded or not), 2 bad input, 3 waiting for a person, 4 failed, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    command = typer.main.get_command(build())
    try:
        code = command.main(args=given, prog_name="limner", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except LimnerError as error:
        report(error, as_json)
        return error.exit_code
    except KeyboardInterrupt:
        return _interrupted(as_json)
    except OSError as error:
        # whatever could not be written or read: the disk, not a bug
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EPERM, errno.EDQUOT):
            raise
        where = f" {error.filename!r}" if error.filename else ""
        report(
            InputError(f"Cannot write{where}: {error.strerror}.", "Free space or choose another place."),
            as_json,
        )
        return InputError.exit_code
    except Exception as error:
        # typer brings its own copy of click, and this is what both call their usage errors
        if type(error).__name__ == "Abort":
            return _interrupted(as_json)
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        report(InputError(message(), f"See `{_command_path(error)} --help`."), as_json)
        return InputError.exit_code


def _interrupted(as_json: bool) -> int:
    if as_json:
        print_json(
            {"error": {"code": "interrupted", "message": "Interrupted.", "hint": "`limner runs list`"}}
        )
    return 130


def _command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "limner"


def entry() -> None:
    """The console script: end at once, whatever a loading thread still does."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
