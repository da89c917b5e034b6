"""Keeping libraries' progress bars off standard error, which belongs to ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def quiet_loading(*loggings: Any) -> Iterator[None]:
    """Keep progress bars and notes off standard error while a model loads.

    Args:
        loggings: Modules like `transformers.utils.logging`, which is always quiet, such as diffusers' own.
    """
    from transformers.utils import logging as messages

    with ExitStack() as stack:
        for module in (messages, *loggings):
            stack.enter_context(_quiet(module))
        yield


@contextmanager
def _quiet(messages: Any) -> Iterator[None]:
    bars, level = messages.is_progress_bar_enabled(), messages.get_verbosity()
    messages.disable_progress_bar()
    messages.set_verbosity_error()
    try:
        yield
    finally:
        messages.set_verbosity(level)
        if bars:
            messages.enable_progress_bar()
