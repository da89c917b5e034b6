"""`@step`: the signature is the schema, the body is the fallback.

@step(prompt="triage.jinja")
def triage(ticket: str) -> Triage:
    return Triage(queue="billing" if "invoice" in ticket.lower() else "general")

@triage.check
def known_queue(out: Triage, ticket: str) -> str | None:
    return None if out.queue in QUEUES else f"unknown queue {out.queue!r}; use one of {QUEUES}"

outcome = await triage.arun(ticket=text)      # Outcome[Triage]
graph.add_node("triage", triage.node())

@step(mode="weigh", prompt="{{ item }} Which question does this answer?", answer="question")
def weigh(passages: list[str], question: str) -> list[float]:
    return [float(len(set(question.split()) & set(passage.split()))) for passage in passages]
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, cast

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from ..errors import DefectError, InputError
from .checks import Check, CheckResult, bind_check, run_checks
from .context import StepContext, current, use
from .ladder import climb
from .outcome import Finding, Outcome
from .prompt import load_prompt
from .select import SelectShape
from .shape import JsonShape, Shape, TextShape
from .weigh import ITEM, weigh_shape

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.runtime import Runtime

P = ParamSpec("P")
T = TypeVar("T")
CheckT = TypeVar("CheckT", bound=Callable[..., CheckResult])
Mode = Literal["write", "select", "weigh"]


class Step(Generic[P, T]):
    """One guarded generative act. Made by `step`; it cannot exist without its fallback."""

    def __init__(
        self,
        body: Callable[P, T],
        *,
        prompt: str,
        checks: Iterable[Check] = (),
        mode: Mode = "write",
        at_least: int | str = 1,
        at_most: int | str = 4,
        answer: str = "",
        best_of: int = 1,
        score: Callable[..., float] | None = None,
        max_tokens: int = 512,
        timeout: float = 60.0,
        share: float = 0.6,
        agent: str = "",
    ) -> None:
        self.body = body
        self.name = body.__name__
        self.__doc__ = body.__doc__
        self.best_of, self.max_tokens, self.timeout, self.share = best_of, max_tokens, timeout, share
        self.agent = agent or self.name
        self.model: BaseChatModel | None = None
        hints = _hints(body)
        self._signature = inspect.signature(body)
        self.parameters: dict[str, Any] = {name: hints.get(name, Any) for name in self._signature.parameters}
        returns = hints["return"]
        self._adapter: TypeAdapter[T] = _adapter(returns)
        self.shape: Shape[T] = self._shape(mode, returns, at_least, at_most, answer)
        self.made_by: Literal["model", "selected"] = "selected" if mode == "select" else "model"
        self.prompt = load_prompt(prompt, body, set(self.parameters), ITEM if mode == "weigh" else "")
        self.version = self.prompt.version
        self.checks = [bind_check(check, self.name, set(self.parameters)) for check in checks]
        self._score = score

    def __repr__(self) -> str:
        return f"<step {self.name} {self.version}>"

    # -- calling

    async def arun(self, *args: P.args, **kwargs: P.kwargs) -> Outcome[T]:
        """Run the step; the model of the current run, or the pinned one, is asked.

        Raises:
            InputError: The arguments do not fit the signature.
        """
        return await climb(self, self._bind(args, kwargs), self.model)

    def run(self, *args: P.args, **kwargs: P.kwargs) -> Outcome[T]:
        """Run the step where no event loop runs.

        Raises:
            InputError: The arguments do not fit, or a loop is running: use `arun` there.
        """
        arguments = self._bind(args, kwargs)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(climb(self, arguments, self.model))
        raise InputError(
            f"{self.name}.run() was called on a running event loop.", f"Use `await {self.name}.arun(...)`."
        )

    def fallback(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """The body itself: what the step returns when no model can be relied on."""
        return self.body(*args, **kwargs)

    def using(self, model: BaseChatModel) -> Step[P, T]:
        """The same step with its model pinned."""
        twin = copy.copy(self)
        twin.model = model
        return twin

    def check(self, function: CheckT) -> CheckT:
        """Add a check; decorates a function of the output and any of the step's parameters."""
        self.checks.append(bind_check(function, self.name, set(self.parameters)))
        return function

    # -- in a graph

    def node(self, writes: str | None = None, **reads: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        """An async LangGraph node: reads state keys by parameter name, writes the step's name.

        Args:
            writes: Another state key to write.
            reads: Parameter name to state key, where they differ.
        """
        from langgraph.runtime import Runtime

        unknown = set(reads) - set(self.parameters)
        if unknown:
            raise InputError(
                f"Step {self.name!r} has no parameter {sorted(unknown)}.",
                f"It has {sorted(self.parameters)}.",
            )
        keys = {parameter: reads.get(parameter, parameter) for parameter in self.parameters}
        adapters = {name: _adapter(kind) for name, kind in self.parameters.items()}
        defaults = {
            name: parameter.default
            for name, parameter in self._signature.parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }
        target = writes or self.name

        async def run_node(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
            if not isinstance(state, Mapping):
                # a model class or a dataclass as state
                state = {key: getattr(state, key) for key in keys.values() if hasattr(state, key)}
            arguments = {}
            for name, key in keys.items():
                if key in state:
                    value = state[key]
                    # what has the very type already needs no validation
                    same = type(value) is self.parameters[name]
                    arguments[name] = value if same else _coerced(adapters[name], value, self.name, key)
                elif name not in defaults:
                    raise InputError(
                        f"Step {self.name!r} reads state key {key!r}, which this state lacks.",
                        f"It has {sorted(state)}; rename with .node({name}='...').",
                    )
            context = runtime.context if isinstance(runtime.context, StepContext) else current()
            with use(context):
                ask_for_budget(context, self.max_tokens)
                outcome = await climb(self, {**defaults, **arguments}, self.model)
            return {target: outcome.value}

        run_node.__name__ = self.name
        run_node.__annotations__ = {"runtime": Runtime[Any]}
        run_node.limner_reads = tuple(  # type: ignore[attr-defined]
            key for name, key in keys.items() if name not in defaults
        )
        run_node.limner_writes = target  # type: ignore[attr-defined]
        run_node.limner_types = (*self.parameters.values(), _hints(self.body)["return"])  # type: ignore[attr-defined]
        return run_node

    # -- what the ladder needs

    def inspect(self, value: T, arguments: Mapping[str, Any]) -> list[Finding]:
        """Run every check on a value."""
        return run_checks(self.checks, value, arguments)

    def score(self, value: T, arguments: Mapping[str, Any]) -> float:
        """How good an accepted value is, where there are several; higher is better."""
        return 0.0 if self._score is None else self._score(value, **arguments)

    def dump(self, value: T) -> Any:
        """A value as JSON data."""
        return self._adapter.dump_python(value, mode="json")

    def load(self, data: Any) -> T:
        """A value from JSON data."""
        return self._adapter.validate_python(data)

    def _bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as error:
            raise InputError(
                f"Step {self.name!r} was called wrongly: {error}.", f"It takes {sorted(self.parameters)}."
            ) from error
        bound.apply_defaults()
        return dict(bound.arguments)

    def _shape(
        self, mode: Mode, returns: Any, at_least: int | str, at_most: int | str, answer: str
    ) -> Shape[T]:
        if mode == "weigh":
            return cast("Shape[T]", weigh_shape(self.name, self.parameters, returns, answer))
        if mode == "select":
            return cast("Shape[T]", SelectShape(self._options(returns, at_least, at_most), at_least, at_most))
        return cast("Shape[T]", TextShape()) if returns is str else JsonShape(self._adapter)

    def _options(self, returns: Any, at_least: int | str, at_most: int | str) -> str:
        """The parameter that a select step draws from: the one of the return type."""
        same = [name for name, kind in self.parameters.items() if kind == returns]
        if typing.get_origin(returns) is not list or len(same) != 1:
            raise DefectError(
                f"Select step {self.name!r} must return a list, with one parameter of the same type.",
                "For example: def pick(options: list[str]) -> list[str].",
            )
        for bound in (at_least, at_most):
            if isinstance(bound, str) and bound not in self.parameters:
                raise DefectError(
                    f"Select step {self.name!r} takes its number from {bound!r}, which is no parameter.",
                    f"It has {sorted(self.parameters)}.",
                )
        return same[0]


def step(
    *,
    prompt: str,
    checks: Iterable[Check] = (),
    mode: Mode = "write",
    at_least: int | str = 1,
    at_most: int | str = 4,
    answer: str = "",
    best_of: int = 1,
    score: Callable[..., float] | None = None,
    max_tokens: int = 512,
    timeout: float = 60.0,
    share: float = 0.6,
    agent: str = "",
    model: BaseChatModel | None = None,
) -> Callable[[Callable[P, T]], Step[P, T]]:
    """Make a guarded step of a function whose body is the deterministic fallback.

    Args:
        prompt: A ``.jinja`` file beside the module (or in its ``prompts/``), or the template itself;
            its variables are the function's parameters.
        checks: Functions of the output and any parameters: None, a fault in words, or findings.
        mode: ``write``: the model writes the return type (text, or JSON by grammar).
            ``select``: it copies items of the parameter that has the return type.
            ``weigh``: it tells how likely it is to answer with one text after each item of a list.
        at_least: Fewest items of a selection, or the parameter that says how few.
        at_most: Most items of a selection, or the parameter that says how many.
        answer: The parameter whose likelihood is told where items are weighed.
        best_of: Candidates of the third rung; 1 leaves that rung out.
        score: Ranks accepted candidates: ``score(out, **arguments)``, higher is better.
        max_tokens: Longest answer.
        timeout: Seconds that models may take in all, run or no run.
        share: Part of the run's remaining model time that this step may use, in (0, 1].
        agent: The agent that the step belongs to, in traces.
        model: Pins a chat model.

    Raises:
        DefectError: The function has no return type, or the prompt does not fit its parameters.
    """

    def decorate(body: Callable[P, T]) -> Step[P, T]:
        made = Step(
            body,
            prompt=prompt,
            checks=checks,
            mode=mode,
            at_least=at_least,
            at_most=at_most,
            answer=answer,
            best_of=best_of,
            score=score,
            max_tokens=max_tokens,
            timeout=timeout,
            share=share,
            agent=agent,
        )
        made.model = model
        return made

    return decorate


def ask_for_budget(context: StepContext, max_tokens: int) -> None:
    """Under the policy ``ask``, stop where the budget cannot pay for a step, until a person allows more.

    The answer that resumes the run is a mapping of what to add, such as ``{"tokens": 4000}``.
    """
    from langgraph.types import interrupt

    ledger = context.ledger
    if ledger.budget.policy != "ask":
        return
    # the prompt is not rendered yet: a step needs its longest answer at the least
    for name, need in (("tokens", max_tokens), ("calls", 1), ("steps", 1)):
        limit, spent = getattr(ledger.budget, name), getattr(ledger.spent, name)
        if limit is not None and spent + need > limit:
            extra = interrupt({"kind": "budget", "spent": {name: spent}, "limit": {name: limit}})
            ledger.extend(type(ledger.budget)(**extra))


def _hints(body: Callable[..., Any]) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(body, include_extras=True)
    except NameError as error:
        raise DefectError(
            f"The types of step {body.__name__!r} cannot be resolved: {error}.",
            "Import them at run time, not under TYPE_CHECKING.",
        ) from error
    if hints.get("return") is None:
        raise DefectError(
            f"Step {body.__name__!r} has no return type.", "Annotate it: the return type is the schema."
        )
    return hints


def _adapter(kind: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))
    except PydanticUserError as error:
        # a model class has a config of its own and refuses another
        if error.code != "type-adapter-config-unused":
            raise
        return TypeAdapter(kind)


def _coerced(adapter: TypeAdapter[Any], value: Any, step_name: str, key: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise InputError(
            f"State key {key!r} is not what step {step_name!r} takes: {error.errors()[0]['msg']}.",
            f"It holds {value!r:.80}.",
        ) from error
