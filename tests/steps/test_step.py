"""A guarded step, at the seam its user sees."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import BaseModel

from limner.errors import BudgetError, DefectError, InputError, UnavailableError
from limner.steps import Budget, Finding, Ledger, StepContext, step, use
from limner.testing import FAULTS, FaultyModel, ScriptedModel

QUEUES = ("billing", "general")


class Triage(BaseModel):
    queue: str


@step(prompt="Choose a queue for: {{ ticket }}")
def triage(ticket: str) -> Triage:
    """Choose the queue for a ticket."""
    return Triage(queue="billing" if "invoice" in ticket.lower() else "general")


@triage.check
def known_queue(out: Triage, ticket: str) -> str | None:
    return None if out.queue in QUEUES else f"unknown queue {out.queue!r}; use one of {QUEUES}"


@step(prompt="Greet {{ name }}", timeout=0.3)
def greet(name: str) -> str:
    """Greet someone."""
    return f"Hello {name}."


@step(prompt="Pick.", mode="select", at_least=1, at_most=2)
def pick(options: list[str]) -> list[str]:
    """Pick some of the options."""
    return options[:1]


def test_a_good_answer_is_the_models() -> None:
    outcome = triage.using(ScriptedModel(['{"queue": "billing"}'])).run(ticket="my invoice")
    assert outcome.value == Triage(queue="billing")
    assert (outcome.source, outcome.attempts, outcome.reasons, outcome.degraded) == ("model", 1, (), False)


def test_an_answer_that_is_not_json_is_asked_for_again() -> None:
    model = ScriptedModel(["not json", '```json\n{"queue": "general"}\n```'])
    outcome = triage.using(model).run("x")
    assert outcome.source == "repaired"
    assert not outcome.degraded
    assert outcome.reasons[0].startswith("invalid: ")
    assert "not json" in str(model.requests[1].messages)


def test_a_check_that_fails_twice_leads_to_the_fallback_and_names_the_fault() -> None:
    model = ScriptedModel(['{"queue": "moon"}'])
    outcome = triage.using(model).run("invoice 7")
    assert (outcome.source, outcome.value.queue, outcome.degraded) == ("fallback", "billing", True)
    assert "unknown queue 'moon'" in outcome.reasons[-1]
    assert "unknown queue 'moon'" in model.requests[1].prompt


def test_without_a_model_the_fallback_serves_and_nothing_is_degraded() -> None:
    outcome = triage.run("x")
    assert (outcome.source, outcome.degraded, outcome.attempts) == ("fallback", False, 0)
    assert outcome.reasons == ("no_model: no chat model is set",)


def test_a_configured_model_that_is_missing_degrades_the_step() -> None:
    with use(StepContext(missing="the weights are not here")):
        outcome = triage.run("x")
    assert outcome.degraded
    assert outcome.reasons == ("unavailable: the weights are not here",)


def test_the_body_is_a_plain_function() -> None:
    assert triage.fallback("an invoice") == Triage(queue="billing")


def test_the_model_is_told_schema_seed_and_deadline() -> None:
    model = ScriptedModel(['{"queue": "general"}'])
    with use(StepContext(model=model, seed=7)):
        triage.run("x")
    options = model.requests[0].options
    assert options["seed"] == 7
    assert options["json_schema"]["properties"].keys() == {"queue"}
    assert options["deadline"] > time.monotonic()


def test_a_model_that_takes_no_options_gets_none() -> None:
    seen: list[dict[str, Any]] = []

    class Plain(ScriptedModel):
        limner_accepts = frozenset()

        def _answer(self, messages: list[BaseMessage], options: dict[str, Any]) -> str:
            seen.append(options)
            return super()._answer(messages, options)

    assert triage.using(Plain(['{"queue": "general"}'])).run("x").source == "model"  # type: ignore[call-arg, arg-type]
    assert not {"json_schema", "seed", "deadline", "max_tokens"} & seen[0].keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_in_a_valid_outcome_in_time(fault: str) -> None:
    started = time.monotonic()
    with use(StepContext(model=FaultyModel(fault), ledger=Ledger(Budget(seconds=0.5)))):
        outcome = triage.run("an invoice")
    assert time.monotonic() - started < 0.5 + 0.2
    assert (outcome.value.queue, outcome.source, outcome.degraded) == ("billing", "fallback", True)
    assert outcome.reasons


def test_a_model_that_blocks_its_event_loop_still_meets_the_deadline() -> None:
    class Blocking(BaseChatModel):
        @property
        def _llm_type(self) -> str:
            return "blocking"

        def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
            raise NotImplementedError

        async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
            time.sleep(1.5)
            raise AssertionError

    async def both() -> float:
        started = time.monotonic()
        outcome = await greet.using(Blocking()).arun("Ada")
        assert outcome.reasons[-1].startswith("deadline")
        # the next call is not held up by the loop that is still blocked
        assert (await greet.using(FaultyModel("raise")).arun("Bo")).reasons[0].startswith("raised")
        return time.monotonic() - started

    assert asyncio.run(both()) < 1.0


def test_a_deadline_keeps_the_sentences_that_came_whole() -> None:
    class Stalls(ScriptedModel):
        limner_accepts = frozenset()

        def _stream(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> Iterator[Any]:
            yield from super()._stream(messages)
            time.sleep(2)

        async def _astream(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> Any:
            for chunk in super()._stream(messages):
                yield chunk
            await asyncio.sleep(10)

    outcome = greet.using(Stalls(["Good day Ada. How are you? I am"])).run("Ada")  # type: ignore[call-arg, arg-type]
    assert outcome.value == "Good day Ada. How are you?"
    assert (outcome.source, outcome.degraded) == ("model", True)
    assert outcome.reasons[0].startswith("deadline")


def test_a_selection_is_made_of_the_options_alone() -> None:
    model = ScriptedModel(["- Red fish.\nA fish that nobody gave.\nred  fish.\nBlue fish.\nOne fish."])
    outcome = pick.using(model).run(["One fish.", "Red fish.", "Blue fish."])
    assert outcome.value == ["Red fish.", "Blue fish."]
    assert outcome.source == "selected"
    choices = model.requests[0].options["choices"]
    assert choices == {
        "options": ["One fish.", "Red fish.", "Blue fish."],
        "at_least": 1,
        "at_most": 2,
        "separator": "\n",
    }


def test_a_selection_of_nothing_falls_back() -> None:
    outcome = pick.using(ScriptedModel(["I like fish."])).run(["One fish."])
    assert (outcome.value, outcome.source) == (["One fish."], "fallback")


def test_best_of_n_takes_the_best_that_passes() -> None:
    @step(prompt="{{ name }}", best_of=3, score=lambda out, name: len(out))
    def shout(name: str) -> str:
        return name

    @shout.check
    def loud(out: str) -> str | None:
        return None if out.isupper() else "say it louder"

    model = ScriptedModel(["ada", "ada", "ADA", "ADA LOVELACE", "ada"])
    outcome = shout.using(model).run("Ada")
    assert (outcome.value, outcome.source, outcome.attempts) == ("ADA LOVELACE", "model", 5)
    assert len({request.options["seed"] for request in model.requests[2:]}) == 3


def test_a_budget_that_cannot_pay_takes_the_fallback() -> None:
    with use(StepContext(model=ScriptedModel(["Hi."]), ledger=Ledger(Budget(tokens=5)))) as context:
        outcome = greet.run("Ada")
        assert context.ledger.spent.tokens == 0
    assert (outcome.source, outcome.degraded) == ("fallback", True)
    assert outcome.reasons[0].startswith("budget")


def test_a_budget_of_calls_allows_no_repair_beyond_it() -> None:
    with use(StepContext(model=ScriptedModel([""]), ledger=Ledger(Budget(calls=1)))):
        outcome = greet.run("Ada")
    assert outcome.attempts == 1
    assert outcome.reasons[-1].startswith("budget")


def test_the_policy_stop_ends_the_run_with_an_error() -> None:
    with (
        use(StepContext(model=ScriptedModel(["Hi."]), ledger=Ledger(Budget(calls=0, policy="stop")))),
        pytest.raises(BudgetError, match="greet"),
    ):
        greet.run("Ada")


def test_asking_the_same_thing_for_ever_makes_no_progress() -> None:
    context = StepContext(model=ScriptedModel(["Hi."]))
    with use(context):
        sources = [greet.run("Ada").source for _ in range(5)]
    assert sources == ["model"] * 3 + ["fallback"] * 2
    assert context.receipt.rows[-1]["reasons"][0].startswith("no_progress")


def test_parallel_steps_cannot_overspend() -> None:
    ledger = Ledger(Budget(calls=5))

    async def many() -> None:
        with use(StepContext(model=ScriptedModel(["Hi."]), ledger=ledger)):
            await asyncio.gather(*(greet.arun(f"guest {number}") for number in range(32)))

    asyncio.run(many())
    assert ledger.spent.calls == 5


def test_a_warning_is_told_and_degrades_nothing() -> None:
    @step(prompt="{{ name }}", checks=[lambda out: Finding("tone", "a little stiff", "warning")])
    def stiff(name: str) -> str:
        return name

    outcome = stiff.using(ScriptedModel(["Good day."])).run("Ada")
    assert (outcome.source, outcome.reasons, outcome.degraded) == ("model", ("tone: a little stiff",), False)


def test_a_check_that_raises_has_not_accepted_the_answer() -> None:
    def broken(out: str) -> None:
        raise KeyError(out)

    @step(prompt="{{ name }}", checks=[broken])
    def hello(name: str) -> str:
        return name

    assert hello.using(ScriptedModel(["Hi."])).run("Ada").source == "fallback"


def test_faults_of_the_store_skip_the_repair() -> None:
    def absent(messages: Any) -> str:
        raise UnavailableError("Not in the store.", "limner models pull tiny")

    outcome = greet.using(ScriptedModel(absent)).run("Ada")
    assert outcome.attempts == 1
    assert outcome.reasons == ("unavailable: Not in the store. limner models pull tiny",)


def test_langchain_callbacks_hear_a_model_of_ours() -> None:
    heard: list[str] = []

    class Listener(BaseCallbackHandler):
        def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
            heard.append("start")

    model = ScriptedModel(["Hi."], callbacks=[Listener()])
    model.invoke("x")
    greet.using(model).run("Ada")
    assert heard[0] == "start"


async def test_run_on_a_running_loop_names_arun() -> None:
    with pytest.raises(InputError, match=r"await greet\.arun"):
        greet.run("Ada")


def test_wrong_arguments_are_the_callers_mistake() -> None:
    with pytest.raises(InputError, match="missing a required argument: 'name'"):
        greet.run(nickname="Ada")  # type: ignore[call-arg]


def test_a_fallback_that_raises_is_a_defect_and_says_where() -> None:
    @step(prompt="{{ number }}")
    def halve(number: int) -> float:
        return 1 / number

    with pytest.raises(DefectError, match=r"halve.*ZeroDivisionError"):
        halve.run(0)


class TestADefectIsFoundWhenTheStepIsMade:
    def test_a_prompt_with_a_variable_that_is_no_parameter(self) -> None:
        with pytest.raises(DefectError, match=r"\['nme'\]"):

            @step(prompt="Hello {{ nme }}")
            def hello(name: str) -> str:
                return name

    def test_a_missing_prompt_file(self) -> None:
        with pytest.raises(DefectError, match=r"no\.jinja"):

            @step(prompt="no.jinja")
            def hello(name: str) -> str:
                return name

    def test_a_template_with_a_syntax_error(self) -> None:
        with pytest.raises(DefectError, match="not valid Jinja"):

            @step(prompt="{% if %}")
            def hello(name: str) -> str:
                return name

    def test_no_return_type(self) -> None:
        with pytest.raises(DefectError, match="return type"):

            @step(prompt="x")
            def hello(name: str):  # type: ignore[no-untyped-def]
                return name

    def test_a_check_that_asks_for_what_the_step_does_not_take(self) -> None:
        with pytest.raises(DefectError, match="weather"):

            @greet.check
            def sunny(out: str, weather: str) -> str | None:
                return None

    def test_a_selection_without_a_list_to_draw_from(self) -> None:
        with pytest.raises(DefectError, match="must return a list"):

            @step(prompt="x", mode="select")
            def choose(options: list[int]) -> list[str]:
                return []


def test_a_literal_return_type_needs_no_class() -> None:
    @step(prompt="{{ text }}")
    def mood(text: str) -> Literal["good", "bad"]:
        return "good"

    assert mood.using(ScriptedModel(['"bad"'])).run("x").value == "bad"
    assert mood.using(ScriptedModel(['"so-so"'])).run("x").source == "fallback"


def test_a_deterministic_run_waits_for_its_model() -> None:
    class Late(ScriptedModel):
        async def _astream(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> Any:
            await asyncio.sleep(0.5)
            for chunk in super()._stream(messages):
                yield chunk

    with use(StepContext(model=Late(["Hi."]), deterministic=True, ledger=Ledger(deadline=math.inf))):  # type: ignore[call-arg, arg-type]
        assert greet.run("Ada").value == "Hi."


def test_null_is_an_answer_where_the_type_allows_it() -> None:
    @step(prompt="{{ text }}")
    def year(text: str) -> int | None:
        return 1900

    outcome = year.using(ScriptedModel(["null"])).run("no year here")
    assert (outcome.value, outcome.source) == (None, "model")


def test_a_timeout_that_a_model_raises_itself_is_no_deadline() -> None:
    def impatient(messages: Any) -> str:
        raise TimeoutError("socket")

    outcome = triage.using(ScriptedModel(impatient)).run("x")
    assert outcome.reasons == ("raised: TimeoutError: socket",) * 2
