"""The support desk of a suite: its own intents, tools and memory, for the time of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..graphs.conversation.desk import Desk
from .hooks import find_hook

if TYPE_CHECKING:
    from ..app import Limner
    from .suite import Suite


@contextmanager
def desk_of(app: Limner, suite: Suite) -> Iterator[None]:
    """Give the app the suite's desk, where it has one; what is remembered and done there ends with it.

    Raises:
        InputError: The intents cannot be read, or name a tool that is not there.
        SettingsError: The tools cannot be loaded.
    """
    wanted = suite.support
    if wanted is None:
        yield
        return
    before = app.__dict__.get("desk")
    with TemporaryDirectory(prefix="limner-desk-", ignore_cleanup_errors=True) as home:
        tools = find_hook(wanted.tools, suite.folder)(Path(home)) if wanted.tools else ()
        intents = str(suite.folder / wanted.intents) if wanted.intents else ""
        desk = Desk(Path(home), intents, tools, app.settings.support.languages)
        app.__dict__["desk"] = desk
        try:
            yield
        finally:
            desk.close()
            app.__dict__.pop("desk")
            if before is not None:
                app.__dict__["desk"] = before
