"""The ladder: model, one repair, best of several, fallback; each rung only if the one before failed.

Every way down ends in an `Outcome`. Deadlines are enforced in `call.ask`, budgets in `_pay`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from pydantic_core import PydanticSerializationError, to_json

from ..errors import BudgetError, DefectError, LimnerError
from ..tracing import Span, fail, names
from .call import Answer, accepts, ask, model_name
from .context import StepContext, StepEvent, current, use
from .outcome import Finding, Outcome, Source, Usage
from .shape import Question, UnreadableAnswer
from .threads import offload

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from .step import Step

T = TypeVar("T")

SAME_WORK = 3
"""How often one run may ask the same thing before it counts as making no progress."""
HOPELESS = frozenset({"deadline", "unavailable", "endless"})
"""Faults after which asking the same model again only costs time."""


@dataclass(frozen=True, slots=True)
class _Rung:
    name: Literal["model", "repair", "best"]
    tries: int = 1


@dataclass(slots=True)
class _Candidate(Generic[T]):
    """One answer, read and checked."""

    answer: Answer
    value: T | None
    findings: list[Finding]

    @property
    def accepted(self) -> bool:
        # an answer that could not be read always carries an error
        return not any(finding.severity == "error" for finding in self.findings)


async def climb(step: Step[Any, T], arguments: Mapping[str, Any], model: BaseChatModel | None) -> Outcome[T]:
    """Run `step` on `arguments`: recall it from the journal, or climb, then book and trace it."""
    context, started = current(), time.monotonic()
    key = _key(step, arguments, context)
    row = context.receipt.recall(key) if key else None
    if row is not None:
        return _recalled(step, row)
    attributes = {names.AGENT: step.agent, names.PROMPT_VERSION: step.version}
    span = context.trace.start(names.INVOKE_AGENT, step.name, context.span, attributes)
    if context.emit is not None:
        context.emit(StepEvent(step.name))
    try:
        with use(replace(context, span=span)):
            outcome = await _Climb(step, arguments, model or context.model, span, started).outcome()
    except BaseException as error:
        fail(span, type(error).__name__)
        span.end()
        raise
    span.set_attributes(
        {
            names.STEP_SOURCE: outcome.source,
            names.STEP_REASONS: outcome.reasons,
            names.STEP_ATTEMPTS: outcome.attempts,
            names.STEP_DEGRADED: outcome.degraded,
        }
    )
    span.end()
    context.receipt.add(outcome, *_journalled(step, key, outcome.value))
    if context.emit is not None:
        context.emit(StepEvent(step.name, outcome.row()))
    return outcome


def _journalled(step: Step[Any, T], key: str, value: T) -> tuple[str, Any]:
    """Key and data of a value for the journal; without a key, a resumed run does the step again."""
    if not key:
        return "", None
    try:
        return key, step.dump(value)
    except PydanticSerializationError:
        # a type of the user's that has no JSON form
        return "", None


class _Climb(Generic[T]):
    """One climb: the state that its rungs share."""

    def __init__(
        self,
        step: Step[Any, T],
        arguments: Mapping[str, Any],
        model: BaseChatModel | None,
        span: Span,
        started: float,
    ) -> None:
        self.step, self.arguments, self.model, self.span = step, arguments, model, span
        self.started = started
        self.context = current()
        self.findings: list[Finding] = []
        self.usage = Usage()
        seconds = min(step.timeout, self.context.ledger.time_left() * step.share)
        self.deadline = math.inf if self.context.deterministic else time.monotonic() + seconds

    async def outcome(self) -> Outcome[T]:
        within = self.context.ledger.begin_step()
        if self.model is None:
            missing = self.context.missing
            self.findings.append(
                Finding("unavailable", missing)
                if missing
                else Finding("no_model", "no chat model is set", "info")
            )
        elif not within:
            self._refuse("the run's steps are spent")
        else:
            best = await self._climb(self.model)
            if best is not None:
                return best
        return self._finish(await self._fallback(), "fallback")

    async def _climb(self, model: BaseChatModel) -> Outcome[T] | None:
        step = self.step
        question = step.shape.ask(step.prompt, self.arguments, step.max_tokens)
        if question.needs and question.needs not in accepts(model):
            self.findings.append(Finding("unable", f"the model tells no {question.needs}", "info"))
            return None
        rungs = [_Rung("model")]
        if question.again:
            rungs.append(_Rung("repair"))
        if question.again and step.best_of > 1:
            rungs.append(_Rung("best", step.best_of))
        if self.context.ledger.seen(f"{step.name}\n{question.messages[-1].content}") >= SAME_WORK:
            self.findings.append(
                Finding("no_progress", f"the same question was asked {SAME_WORK} times before")
            )
            return None
        asked = question
        for rung in rungs:
            candidates = await self._try(rung, model, asked if rung.name == "repair" else question)
            if not candidates:
                return None
            accepted = [c for c in candidates if c.accepted]
            if accepted:
                return self._accept(accepted, rung)
            self.findings += candidates[0].findings
            partial = next((p for c in candidates if (p := self._partial(c)) is not None), None)
            if partial is not None:
                return partial
            if any(finding.code in HOPELESS for finding in candidates[0].findings):
                return None
            asked = replace(question, messages=_with_faults(question.messages, candidates[0]))
        return None

    async def _try(self, rung: _Rung, model: BaseChatModel, question: Question) -> list[_Candidate[T]]:
        """Ask `rung.tries` times side by side; nothing where time or budget cannot pay for it."""
        context = self.context
        if time.monotonic() >= self.deadline:
            self.findings.append(Finding("deadline", "no time was left to ask the model"))
            return []
        reservation = context.ledger.reserve(question.tokens * rung.tries, rung.tries)
        if reservation is None:
            self._refuse("the run's budget of tokens or calls cannot pay for another answer")
            return []
        answers: list[Answer] = []
        try:
            calls = [self._ask(model, question, rung, number) for number in range(rung.tries)]
            # one call is the common case, and needs no task of its own
            answers = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        finally:
            reservation.settle(sum(a.tokens_in + a.tokens_out for a in answers))
        return [await self._judge(answer) for answer in answers]

    async def _ask(self, model: BaseChatModel, question: Question, rung: _Rung, number: int) -> Answer:
        context, name = self.context, model_name(model)
        messages, most = question.messages, question.max_tokens
        seed = context.seed + number + (1 if rung.name == "repair" else 0)
        options: dict[str, Any] = {**question.options, "seed": seed}
        if rung.name == "best":
            options["temperature"] = 0.8
        attributes = {
            names.REQUEST_MODEL: name,
            names.PROVIDER: "limner" if accepts(model) else "langchain",
            names.REQUEST_SEED: seed,
            names.REQUEST_MAX_TOKENS: most,
        }
        with context.trace.span(names.CHAT, name, self.span, attributes) as span:
            answer = await ask(model, messages, options, deadline=self.deadline, max_tokens=most)
            span.set_attributes({names.TOKENS_IN: answer.tokens_in, names.TOKENS_OUT: answer.tokens_out})
            if answer.first_chunk is not None:
                span.set_attribute(names.FIRST_CHUNK, answer.first_chunk)
            context.trace.text(span, names.INPUT_MESSAGES, str(messages[-1].content))
            context.trace.text(span, names.OUTPUT_MESSAGES, answer.text)
            if answer.fault is not None:
                fail(span, answer.fault.code)
        if answer.fault is not None or rung.name != "model":
            self.span.add_event("attempt", {"rung": rung.name, "fault": str(answer.fault or "")})
        self.usage += Usage(answer.tokens_in, answer.tokens_out, 1)
        return answer

    async def _judge(self, answer: Answer) -> _Candidate[T]:
        if answer.fault is not None:
            return _Candidate(answer, None, [answer.fault])
        try:
            value = self.step.shape.read(answer.text, self.arguments)
        except UnreadableAnswer as error:
            return _Candidate(answer, None, [Finding(error.code, str(error))])
        return _Candidate(answer, value, await self._check(value))

    async def _check(self, value: T) -> list[Finding]:
        if not self.step.checks:
            return []
        return await offload(lambda: self.step.inspect(value, self.arguments))

    def _partial(self, candidate: _Candidate[T]) -> Outcome[T] | None:
        """What came whole before the deadline, where it passes the checks."""
        fault = candidate.answer.fault
        if fault is None or fault.code != "deadline" or not candidate.answer.text:
            return None
        value = self.step.shape.part(candidate.answer.text, self.arguments)
        if value is None or any(f.severity == "error" for f in self.step.inspect(value, self.arguments)):
            return None
        return self._finish(value, self.step.made_by)

    def _accept(self, accepted: list[_Candidate[T]], rung: _Rung) -> Outcome[T]:
        best = max(accepted, key=lambda c: self.step.score(cast(T, c.value), self.arguments))
        # what went before was mended: it is told, and degrades nothing
        self.findings = [
            replace(f, severity="warning") if f.severity == "error" else f for f in self.findings
        ]
        self.findings += best.findings
        return self._finish(cast(T, best.value), "repaired" if rung.name == "repair" else self.step.made_by)

    async def _fallback(self) -> T:
        step = self.step
        try:
            return await offload(lambda: step.body(**self.arguments))
        except LimnerError:
            raise
        except Exception as error:
            raise DefectError(
                f"The fallback of step {step.name!r} raised {type(error).__name__}: {error}.",
                "A step's body must return a value for every input; fix it.",
            ) from error

    def _refuse(self, what: str) -> None:
        if self.context.ledger.budget.policy == "stop":
            raise BudgetError(
                f"Step {self.step.name!r} was not begun: {what}.", "Raise the budget, then resume."
            )
        self.findings.append(Finding("budget", what))

    def _finish(self, value: T, source: Source) -> Outcome[T]:
        name = model_name(self.model) if self.model is not None else None
        spent = Usage(self.usage.tokens_in, self.usage.tokens_out, self.usage.calls, self._seconds())
        return Outcome(self.step.name, value, source, tuple(self.findings), name, spent)

    def _seconds(self) -> float:
        return time.monotonic() - self.started


def _with_faults(messages: list[BaseMessage], candidate: _Candidate[Any]) -> list[BaseMessage]:
    """The prompt of the repair: the answer, and what is wrong with it."""
    from langchain_core.messages import AIMessage, HumanMessage

    text = candidate.answer.text.strip()
    if not text:
        return messages
    faults = "\n".join(f"- {finding.message}" for finding in candidate.findings)
    return [
        *messages,
        AIMessage(text[:4000]),
        HumanMessage(f"This answer cannot be used:\n{faults}\nAnswer again, with this put right."),
    ]


def _key(step: Step[Any, Any], arguments: Mapping[str, Any], context: StepContext) -> str:
    """Where this call stands in its run: the graph's node, the step, and what it was given."""
    place = _place() if context.receipt.journalled else ""
    return _digest(place, step.name, step.version, context.seed, arguments) if place else ""


def _place() -> str:
    """LangGraph's name for the task that runs now; the same when a killed run is resumed."""
    config = sys.modules.get("langgraph.config")
    if config is None:
        return ""
    try:
        return str(config.get_config()["configurable"].get("checkpoint_ns", ""))
    except RuntimeError:
        return ""


def _digest(*parts: Any) -> str:
    try:
        data = to_json(parts, fallback=str)
    except PydanticSerializationError:
        # broken Unicode has no JSON, and must not end a run
        data = repr(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(data).hexdigest()[:32]


def _recalled(step: Step[Any, T], row: dict[str, Any]) -> Outcome[T]:
    """An outcome that an earlier process of this run journalled."""
    findings = tuple(Finding(*finding) for finding in row["findings"])
    usage = Usage(row["tokens_in"], row["tokens_out"], row["attempts"], row["seconds"])
    return Outcome(step.name, step.load(row["value"]), row["source"], findings, row["model"], usage)
