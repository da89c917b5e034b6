"""`@tool`: a LangChain tool that says what it may do.

@tool(effect=True, confirm=True, owner="customer_id", limit="amount", approve_above=100)
def refund(order_number: str, amount: float, customer_id: int) -> dict[str, str]:
    "Refund a part of an order."
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import Field

from ..errors import DefectError

By = Literal["customer", "person"]
"""Who allows a call: the customer who confirms it, or a person of the shop who approves it."""

LookUp = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """What `call_tool` and graphs respect when they call the tool; kept in the tool's `metadata`."""

    effect: bool = False
    """It changes something outside: it is journalled, and done once."""
    confirm: bool = False
    """The customer confirms its arguments first."""
    limit: str = ""
    """The argument whose amount above `approve_above` needs a person."""
    approve_above: float | None = None
    owner: str = ""
    """The argument, or the field of the result, that must equal the customer whom the call is for."""
    timeout: float = 10.0
    """Seconds that a call may take, retries included; above 0."""
    retries: int = 2
    """Further attempts where the fault may pass."""
    max_output: int = 20_000
    """Characters of the result that are kept."""
    idempotent: bool = False
    """Calling again with the same ``idempotency_key`` argument (or at all) does the effect once."""


class PolicyTool(StructuredTool):
    """A structured tool that can also tell whether an effect whose answer was lost took place."""

    look_up: LookUp | None = Field(default=None, exclude=True)
    """Takes the tool's arguments; returns what was done, or None where nothing was."""


def tool(
    *,
    effect: bool = False,
    confirm: bool = False,
    approve_above: float | None = None,
    limit: str = "",
    owner: str = "",
    timeout: float = 10.0,
    retries: int = 2,
    max_output: int = 20_000,
    idempotent: bool = False,
    look_up: LookUp | None = None,
) -> Callable[[Callable[..., Any]], StructuredTool]:
    """Make a LangChain tool of a typed function with a docstring.

    Args:
        effect: It changes something outside: it is journalled, and done once.
        confirm: The customer confirms its arguments before it runs.
        approve_above: An amount in the argument `limit` above which a person approves it.
        limit: The argument that holds the amount.
        owner: The argument, or of a reading tool the field of its result, that must equal the customer.
            An argument is filled in by `call_tool`; a model never chooses it.
        timeout: Seconds that a call may take, retries included; above 0.
        retries: Further attempts after `RetryableError`, `UnavailableError` and `ConnectionError`.
        max_output: Characters of the result that are kept.
        idempotent: Calling it again is safe; an ``idempotency_key`` parameter gets the key of the effect.
        look_up: Takes the tool's arguments and returns what an earlier call did, or None: it is asked
            where the answer of an effect was lost.

    Raises:
        DefectError: The function has no docstring, or the policy does not fit its parameters.
    """
    policy = Policy(
        effect, confirm, limit, approve_above, owner, timeout, retries, max_output, idempotent=idempotent
    )

    def decorate(function: Callable[..., Any]) -> StructuredTool:
        if not function.__doc__:
            raise DefectError(f"Tool {function.__name__!r} has no docstring.", "Say in one what it does.")
        coroutine = function if inspect.iscoroutinefunction(function) else None
        made = PolicyTool.from_function(
            None if coroutine else function, coroutine, look_up=look_up, metadata=asdict(policy)
        )
        _check(made, policy)
        return made

    return decorate


def policy_of(tool: BaseTool) -> Policy:
    """The policy of any LangChain tool; of one that was not made here, that of a reading tool."""
    known = {item.name for item in fields(Policy)}
    return Policy(**{name: value for name, value in (tool.metadata or {}).items() if name in known})


def grant_needed(policy: Policy, arguments: Mapping[str, Any]) -> By | None:
    """Who has to allow a call with these arguments: nobody, the customer, or a person of the shop."""
    if policy.approve_above is not None:
        amount = arguments.get(policy.limit)
        # an amount that is none cannot be shown to lie within the limit
        if not isinstance(amount, int | float) or not amount <= policy.approve_above:
            return "person"
    return "customer" if policy.confirm else None


def _check(made: StructuredTool, policy: Policy) -> None:
    if policy.approve_above is not None and policy.limit not in made.args:
        raise DefectError(
            f"Tool {made.name!r} needs approval above {policy.approve_above}, but has no argument"
            f" {policy.limit!r}.",
            "Name the argument that holds the amount: limit='amount'.",
        )
    if policy.owner and policy.effect and policy.owner not in made.args:
        raise DefectError(
            f"Tool {made.name!r} changes something, but has no argument {policy.owner!r}.",
            "Take the owner as an argument: a result comes too late to refuse.",
        )
    if not policy.timeout > 0 or policy.retries < 0:
        raise DefectError(
            f"Tool {made.name!r} has timeout={policy.timeout}, retries={policy.retries}.",
            "Give seconds above 0 and retries of 0 or more.",
        )
