"""`call_tool`: one guarded call of a tool, which always comes back with a result and a receipt row.

Validate, check the owner, check the grant, then call on a thread of ours by a deadline: reading tools
are retried, effects are journalled and done once.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Literal

import stamina
from langchain_core.tools import BaseTool

from ..errors import InputError, LimnerError
from ..screening import injection, mark
from ..steps import Finding, Outcome, Severity, Source, StepContext, StepEvent, Usage, current, use
from ..steps.threads import offload
from ..tracing import Span, fail, names
from ..tracing.redact import redact
from .breaker import breaker_of
from .faults import UNCHANGED, RefusedError, retryable
from .journal import Journal, KeyReusedError
from .policy import By, Policy, grant_needed, policy_of
from .schema import validated
from .work import AnswerLostError, Ended, TimedOutError, Work, is_fault, start

Status = Literal["done", "failed", "refused", "waiting", "unknown"]

NO_RECORD = "There is no such record for this customer."
"""Said alike where a record belongs to someone else and where there is none."""
_WAITING = {
    "customer": "The customer has to confirm this first.",
    "person": "A person of the shop has to approve this first.",
}
_SEVERITY: dict[Status, Severity] = {
    "done": "warning",
    "refused": "info",
    "waiting": "info",
    "failed": "error",
    "unknown": "error",
}
_NO_OUTPUT: dict[Status, str] = {
    "failed": "The tool could not be used just now.",
    "unknown": "It is not known whether this was done. A person will look.",
}


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call."""

    tool: str
    status: Status
    """``unknown``: an effect was begun and its answer lost; ``waiting``: `reason` says for whom."""
    output: Any
    """JSON data; None unless it is done."""
    text: str
    """The output as text, instructions in it marked as data; or what may be told to the customer."""
    reason: str
    """Why it is not simply done, opening with a code; for logs, not for the customer."""
    seconds: float
    attempts: int
    cached: bool
    """The effect was done by an earlier call under the same key."""


@dataclass(frozen=True, slots=True)
class _End:
    status: Status
    reason: str = ""
    text: str = ""
    output: Any = None
    cached: bool = False


async def call_tool(
    tool: BaseTool,
    arguments: Mapping[str, Any],
    *,
    journal: Journal,
    key: str,
    subject: str | None,
    clock: Callable[[], float] = time.monotonic,
) -> ToolResult:
    """Call a tool under its policy; whatever the tool does, the call ends by its timeout.

    Args:
        tool: Any LangChain tool; `@tool` gives it a policy.
        arguments: Untrusted: they are validated by its schema.
        journal: Where effects and the grants for them are kept.
        key: Of this logical step (`effect_key`): an effect is done once under it.
        subject: The customer whom the call is for; None: nobody is known.
        clock: Seconds, for durations and the circuit breaker.

    Raises:
        KeyReusedError: The key already stands for other arguments or another tool.
    """
    context, started = current(), clock()
    span = context.trace.start(names.EXECUTE_TOOL, tool.name, context.span, {names.TOOL: tool.name})
    if context.emit is not None:
        context.emit(StepEvent(tool.name))
    call = _Call(tool, journal, key, subject, clock, context)
    try:
        with use(replace(context, span=span)):
            end = await call.run(arguments)
        context.trace.text(span, names.OUTPUT_MESSAGES, end.text)
        result = ToolResult(
            tool.name,
            end.status,
            end.output,
            end.text,
            end.reason,
            clock() - started,
            call.attempts,
            end.cached,
        )
        _book(context, span, result)
    except BaseException as error:
        fail(span, type(error).__name__)
        raise
    finally:
        span.end()
    return result


async def allow(
    tool: BaseTool, arguments: Mapping[str, Any], *, journal: Journal, key: str, subject: str | None, by: By
) -> None:
    """Keep that the customer confirmed, or a person approved, this call with exactly these arguments.

    Raises:
        InputError: The arguments do not fit the tool.
    """
    given = _owned(tool, policy_of(tool), arguments, subject)
    await offload(lambda: journal.grant(key, given, by))


class _Call:
    """One call: what its parts share."""

    def __init__(
        self,
        tool: BaseTool,
        journal: Journal,
        key: str,
        subject: str | None,
        clock: Callable[[], float],
        context: StepContext,
    ) -> None:
        self.tool, self.journal, self.key, self.subject = tool, journal, key, subject
        self.clock = clock
        self.policy = policy_of(tool)
        self.seconds = min(self.policy.timeout, context.ledger.time_left())
        self.attempts = 0
        self._thread: Future[Ended] | None = None

    async def run(self, arguments: Mapping[str, Any]) -> _End:
        policy = self.policy
        try:
            given = _owned(self.tool, policy, arguments, self.subject)
        except RefusedError as error:
            return _End("refused", "owner: not this customer's", error.message)
        except InputError as error:
            return _End("failed", f"arguments: {error.message}", str(error))
        needed = grant_needed(policy, given)
        if needed is not None and not await offload(lambda: self.journal.granted(self.key, given, needed)):
            return _End("waiting", f"{needed}: has not allowed it", _WAITING[needed])
        breaker = breaker_of(self.tool)
        if not self.seconds > 0:
            return _End("failed", "deadline: no time was left to call it", _NO_OUTPUT["failed"])
        if not breaker.allow(self.clock()):
            return _End(
                "failed", "open: it kept failing, and is left alone for a while", _NO_OUTPUT["failed"]
            )
        work = Work(self.tool, given, self.journal, self.key)
        worked = False
        try:
            ended = await (self._effect(work) if policy.effect else self._attempts(work.read))
            worked = ended.error is None or not is_fault(ended.error)
        finally:
            breaker.record(worked, self.clock())
        return self._end(ended)

    async def _effect(self, work: Work) -> Ended:
        """Do the effect, alone under its key; the key is let go of when its last thread has ended."""
        until = time.monotonic() + self.seconds
        while self.journal.claim(self.key) is None:
            running = self.journal.running(self.key)
            try:
                if running is not None:
                    await asyncio.wait_for(asyncio.wrap_future(running), until - time.monotonic())
            except TimeoutError:
                return Ended(error=AnswerLostError("An earlier call of this step is still under way."))
        try:
            ended = await self._attempts(work.effect)
            if isinstance(ended.error, TimedOutError):
                ended = await self._find_out(work)
            return ended
        finally:
            if self._thread is None:
                self.journal.release(self.key)
            else:
                self._thread.add_done_callback(lambda _: self.journal.release(self.key))

    async def _attempts(self, work: Callable[[], Ended]) -> Ended:
        """Try, and try again where the fault may pass, all within the call's time."""
        ended = Ended(error=TimedOutError(f"{self.tool.name!r} gave no answer in {self.seconds:g} s."))
        attempts = stamina.retry_context(
            on=_again,
            attempts=1 + self.policy.retries,
            timeout=None,
            wait_initial=0.05,
            wait_max=1.0,
            wait_jitter=0.05,
        )
        try:
            async with asyncio.timeout(None if self.seconds == math.inf else self.seconds):
                async for attempt in attempts:
                    with attempt:
                        self.attempts += 1
                        self._thread = start(work)
                        answer = await asyncio.wrap_future(self._thread)
                        if answer.error is not None:
                            raise _AttemptError(answer)
                        ended = answer
        except TimeoutError:
            pass
        except _AttemptError as error:
            ended = error.ended
        return ended

    async def _find_out(self, work: Work) -> Ended:
        """An effect gave no answer in time: whether it took place is asked, within as much time again."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(start(work.find_out)), self.policy.timeout)
        except TimeoutError:
            return Ended(error=AnswerLostError("Neither the tool nor its look-up gave an answer in time."))

    def _end(self, ended: Ended) -> _End:
        error, output = ended.error, ended.output
        if isinstance(error, KeyReusedError):
            # the caller's mistake, and no answer of the tool's
            raise error
        if isinstance(error, AnswerLostError):
            return _End("unknown", f"unknown: {error.message}", _NO_OUTPUT["unknown"])
        if isinstance(error, RefusedError):
            return _End("refused", f"refused: {error.message}", error.message)
        if error is not None:
            code = error.code if isinstance(error, LimnerError) else "raised"
            words = redact(" ".join(str(error).split())[:200])
            # what a tool of someone else's raised is not for the customer
            text = error.message if isinstance(error, InputError) else _NO_OUTPUT["failed"]
            may_be_done = self.policy.effect and not isinstance(error, UNCHANGED) and not self._has_look_up
            status: Status = "unknown" if may_be_done else "failed"
            return _End(status, f"{code}: {type(error).__name__}: {words}", text)
        assert output is not None
        if not self._theirs(output.data):
            return _End("refused", "owner: not this customer's", NO_RECORD)
        reasons = [ended.note] if ended.note else []
        if output.cut:
            reasons.append(f"cut: more than {self.policy.max_output} characters")
        found = injection(output.text)
        if found.flagged:
            reasons.append(f"injection: {', '.join(found.reasons)}")
        text = mark(output.text) if found.flagged else output.text
        return _End("done", "; ".join(reasons), text, output.data, ended.cached)

    @property
    def _has_look_up(self) -> bool:
        return getattr(self.tool, "look_up", None) is not None

    def _theirs(self, data: Any) -> bool:
        """Whether what a reading tool returned belongs to the customer; nothing at all reads the same."""
        owner = self.policy.owner
        if not owner or self.policy.effect:
            return True
        if owner in self.tool.args:
            return data is not None
        rows = data if isinstance(data, list) else [data]
        return bool(rows) and all(
            isinstance(row, dict) and str(row.get(owner)) == self.subject for row in rows
        )


class _AttemptError(Exception):
    """Carries a failed attempt through the retries."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.error)
        self.ended = ended


def _again(error: Exception) -> bool:
    fault = error.ended.error if isinstance(error, _AttemptError) else None
    return fault is not None and retryable(fault)


def _owned(
    tool: BaseTool, policy: Policy, arguments: Mapping[str, Any], subject: str | None
) -> dict[str, Any]:
    """Validated arguments of a call for `subject`.

    Raises:
        InputError: They do not fit the tool.
        RefusedError: They name another customer, or the tool needs one and nobody is known.
    """
    given, owner = dict(arguments), policy.owner
    if owner and subject is None:
        raise RefusedError(NO_RECORD)
    if owner in tool.args and str(given.setdefault(owner, subject)) != subject:
        raise RefusedError(NO_RECORD)
    return validated(tool, given)


def _book(context: StepContext, span: Span, result: ToolResult) -> None:
    """One receipt row and the end of one span for a call."""
    source: Source = "cached" if result.cached else "rendered" if result.status == "done" else "fallback"
    findings = [Finding(result.status, result.reason, _SEVERITY[result.status])] if result.reason else []
    if result.attempts > 1:
        findings.append(Finding("attempts", f"called {result.attempts} times", "info"))
    outcome: Outcome[Any] = Outcome(
        result.tool, result.output, source, tuple(findings), usage=Usage(seconds=result.seconds)
    )
    context.receipt.add(outcome)
    span.set_attributes(
        {
            names.TOOL_STATUS: result.status,
            names.STEP_SOURCE: source,
            names.STEP_REASONS: outcome.reasons,
            names.STEP_ATTEMPTS: result.attempts,
            names.STEP_DEGRADED: outcome.degraded,
        }
    )
    if result.status in ("failed", "unknown"):
        fail(span, result.reason.partition(":")[0])
    if context.emit is not None:
        context.emit(StepEvent(result.tool, outcome.row()))
