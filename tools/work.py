"""One attempt at a tool, as it happens on a thread of ours: journalled where it has an effect."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool

from ..errors import InputError, LimnerError
from .faults import UNCHANGED
from .journal import Journal
from .output import Output, plain
from .policy import LookUp, policy_of
from .schema import KEY


class AnswerLostError(LimnerError):
    """The effect was begun, and nobody knows whether it took place."""

    code = "unknown"


class TimedOutError(LimnerError):
    """The tool gave no answer in its time."""

    code = "timeout"


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: with an output or with an error, never with neither."""

    output: Output | None = None
    error: Exception | None = None
    cached: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A tool with the arguments of one call; `read` and `effect` block, and never raise."""

    tool: BaseTool
    arguments: Mapping[str, Any]
    journal: Journal
    key: str

    def read(self) -> Ended:
        """Call a tool that changes nothing."""
        try:
            return Ended(self._invoke())
        except BaseException as error:  # noqa: BLE001  (whatever a tool raises is its fault, and is named)
            return Ended(error=_ordinary(error))

    def effect(self) -> Ended:
        """Do the effect once: take its result from the journal, find out, or carry it out."""
        try:
            entry = self.journal.begin(self.key, self.tool.name, self.arguments)
            if entry.state == "done":
                return Ended(self._plain(entry.result), cached=True)
            if entry.state == "intent":
                found = self._found()
                if found is not None:
                    return found
            return self._carry_out()
        except BaseException as error:  # noqa: BLE001
            return Ended(error=_ordinary(error))

    def find_out(self) -> Ended:
        """Ask whether an effect without an answer took place; without a way to ask, it stays unknown."""
        try:
            return self._found(may_run=True) or Ended(error=_lost(self.tool))
        except BaseException as error:  # noqa: BLE001
            return Ended(error=_ordinary(error))

    def _carry_out(self) -> Ended:
        try:
            output = self._invoke()
        except UNCHANGED:
            self.journal.withdraw(self.key)
            raise
        except BaseException as error:
            if policy_of(self.tool).idempotent:
                # the intent stays, and the next attempt under the same key is safe
                raise
            found = self._found(error)
            if found is not None:
                return found
            self.journal.withdraw(self.key)
            raise
        self.journal.finish(self.key, output.data)
        return Ended(output)

    def _found(self, cause: BaseException | None = None, may_run: bool = False) -> Ended | None:
        """What a look-up tells of an earlier attempt; None: the effect did not happen, or may be repeated.

        Args:
            cause: What that attempt raised.
            may_run: It may still be under way, so that its absence says nothing.

        Raises:
            AnswerLostError: There is no look-up, or it failed.
        """
        look_up: LookUp | None = getattr(self.tool, "look_up", None)
        if look_up is None:
            if policy_of(self.tool).idempotent and not may_run:
                return None
            raise _lost(self.tool) from cause
        try:
            done = look_up(**self.arguments)
        except Exception as error:
            raise _lost(self.tool) from error
        if done is None:
            return None
        output = self._plain(done)
        self.journal.finish(self.key, output.data)
        return Ended(output, note="its answer was lost; a look-up found the effect done")

    def _invoke(self) -> Output:
        given = dict(self.arguments)
        if KEY in self.tool.args:
            given[KEY] = self.key
        if isinstance(self.tool, StructuredTool) and self.tool.func is None:
            # a loop of its own: whatever blocks it blocks nobody else
            return self._plain(asyncio.run(self.tool.ainvoke(given)))
        return self._plain(self.tool.invoke(given))

    def _plain(self, value: Any) -> Output:
        return plain(value, policy_of(self.tool).max_output)


def _lost(tool: BaseTool) -> AnswerLostError:
    return AnswerLostError(
        f"Whether {tool.name!r} took effect is unknown.", "A person must look, then settle it in the journal."
    )


def _ordinary(error: BaseException) -> Exception:
    """An error that a future can carry."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration | StopAsyncIteration):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")


def start(work: Callable[[], Ended]) -> Future[Ended]:
    """Run `work` on a daemon thread with the caller's context variables.

    Unlike `steps.threads.offload`, the future lasts as long as the thread: nobody can cancel it, so that
    an effect that hangs keeps its key.
    """
    future: Future[Ended] = Future()
    future.set_running_or_notify_cancel()
    context = contextvars.copy_context()
    target = partial(_settle, future, partial(context.run, work))
    threading.Thread(target=target, name="limner-tool", daemon=True).start()
    return future


def _settle(future: Future[Ended], work: Callable[[], Ended]) -> None:
    future.set_result(work())


def is_fault(error: Exception) -> bool:
    """Whether an error counts against the tool, rather than against what was asked of it."""
    return not (isinstance(error, LimnerError) and error.code in ("refused", InputError.code))
