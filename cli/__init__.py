"""The command line: ``limner COMMAND``. Progress on standard error, results on standard output."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

import typer

from .. import __version__
from ..errors import DefectError, InputError, LimnerError, RunError
from .common import StoppedError
from .output import report

DISK = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EPERM, errno.EDQUOT)
"""What is the matter with a disk or a place, and no bug."""


def build() -> typer.Typer:
    """Assemble the commands."""
    from . import (
        ask,
        bench,
        chat,
        demo,
        doctor,
        draw,
        evals,
        graphs,
        images,
        knowledge,
        models,
        run,
        runs,
        support,
        write,
    )

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
    app.command("ask")(ask.ask)
    app.command("chat")(chat.chat)
    app.command("run")(run.run)
    app.command("draw")(draw.draw)
    app.command("trace")(runs.trace)
    app.command("doctor")(doctor.doctor)
    app.add_typer(bench.app, name="bench")
    app.add_typer(demo.app, name="demo")
    app.add_typer(evals.app, name="eval")
    app.add_typer(graphs.app, name="graphs")
    app.add_typer(images.app, name="images")
    app.add_typer(knowledge.app, name="knowledge")
    app.add_typer(models.app, name="models")
    app.add_typer(runs.app, name="runs")
    app.add_typer(support.app, name="support")
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 completed (degraded or not), 2 bad input, 3 waiting for a person, 4 failed, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        code = _run(given)
        sys.stdout.flush()
        return code
    except LimnerError as error:
        report(error, as_json)
        return error.exit_code
    except BrokenPipeError:
        # whoever read the output has seen enough
        return 0
    except OSError as error:
        report(InputError(f"Cannot write the result: {error.strerror}.", "Free space."), as_json=False)
        return InputError.exit_code


def _run(given: list[str]) -> int:
    """Run one command; whatever goes wrong comes as a LimnerError.

    Raises:
        LimnerError: The command could not be carried out.
        BrokenPipeError: Nobody reads the output.
    """
    command = typer.main.get_command(build())
    try:
        code = command.main(args=given, prog_name="limner", standalone_mode=False)
    except (LimnerError, BrokenPipeError):
        raise
    except SystemExit as error:
        # typer's answer to a broken pipe, or a module of the user's own that ends the program
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise RunError(
            f"Something called sys.exit({error.code!r}).", "Look at the graph's module."
        ) from error
    except OSError as error:
        if error.errno not in DISK:
            raise _defect(error) from error
        where = f" {str(error.filename)!r}" if error.filename else ""
        raise InputError(
            f"Cannot write{where}: {error.strerror}.", "Free space, or choose another place."
        ) from error
    except Exception as error:
        message = getattr(error, "format_message", None)
        if message is None:
            raise _defect(error) from error
        # typer brings its own copy of click, and this is what both call their usage errors
        if not message():
            return InputError.exit_code
        raise InputError(f"{message().rstrip('.')}.", f"See `{_command_path(error)} --help`.") from error
    if code == StoppedError.exit_code:
        raise StoppedError("Interrupted.", "`limner runs list` names what can be resumed.")
    return code if isinstance(code, int) else 0


def _defect(error: Exception) -> DefectError:
    """Put the traceback of an error that nobody foresaw into a file, and name it."""
    with tempfile.NamedTemporaryFile("w", prefix="limner-", suffix=".txt", delete=False) as file:
        traceback.print_exception(error, file=file)
    what = f"{type(error).__name__}: {error}"
    return DefectError(f"Unforeseen {what.rstrip('.')}.", f"{file.name} has the traceback for a bug report.")


def _command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "limner"


def entry() -> None:
    """The console script: end at once, whatever a loading thread still does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a terminal that cannot show a character is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    code = main()
    # what could not be written has been told, or nobody is left to read it
    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)
