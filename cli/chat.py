"""``limner chat``: a conversation with the support bot in a terminal."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import LimnerError
from .ask import Customer, Deadline, Intents, Thread, show
from .common import Config, Home, Knowledge, Model, Watch, open_app
from .output import err, print_result, receipt_table, report

if TYPE_CHECKING:
    from ..app import Limner
    from ..graphs.conversation.reply import Reply

HELP = "/receipt who made the last reply, and why · /sources what it rests on · /forget · /quit"


def chat(
    knowledge: Knowledge = None,
    thread: Thread = "",
    customer: Customer = "",
    deadline: Deadline = 60,
    model: Model = None,
    intents: Intents = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Talk to the support bot; its steps are shown as they happen, and a sentence once it is checked."""
    thread = thread or f"chat-{secrets.token_hex(4)}"
    err.print(f"[dim]{HELP}[/]")
    reply: Reply | None = None
    with open_app(config, home, model=model, intents=intents) as app:
        for line in _lines():
            if line in ("/quit", "/exit"):
                break
            if line.startswith("/"):
                _command(app, line, reply, customer, thread)
                continue
            try:
                with err.status("thinking") as status:
                    reply = app.ask(
                        line, thread, customer, knowledge=knowledge, deadline=deadline, emit=Watch(status)
                    )
                show(reply)
            except LimnerError as error:
                # the conversation goes on
                report(error, as_json=False)
            sys.stdout.flush()


def _lines() -> Iterator[str]:
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line:
            yield line


def _command(app: Limner, line: str, reply: Reply | None, customer: str, thread: str) -> None:
    match line:
        case "/receipt" if reply is not None:
            print_result(receipt_table(reply.run.receipt))
            print(reply.run.folder)
        case "/sources" if reply is not None:
            for citation in reply.citations:
                print(f"{citation.source} [{citation.start}:{citation.end}]\n{citation.quote}\n")
        case "/forget":
            app.desk.threads.forget(customer, thread)
            app.desk.threads.erase(customer, thread)
            print("Forgotten.")
        case _:
            err.print(HELP)
