"""What every request of the torch engine is promised, on a tiny random model."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from limner.errors import BusyError, InputError, MemoryFullError, ModelError, UnavailableError
from limner.models.engines.base import ChatEngine, ChatRequest, Grammar
from limner.models.engines.choices import choices_grammar
from limner.models.engines.torch_engine import TorchEngine

from .conftest import Heard, OpenEngine, hear, says

SCHEMAS: dict[str, dict[str, Any]] = {
    "object": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
    },
    "enum": {
        "type": "object",
        "properties": {"queue": {"enum": ["billing", "general"]}},
        "required": ["queue"],
    },
    "list": {
        "type": "object",
        "properties": {"tags": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
        "required": ["tags"],
    },
    "nested": {
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/Point"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    },
    "either": {"anyOf": [{"type": "boolean"}, {"type": "string"}, {"type": "null"}]},
    "bounded": {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 12},
            "n": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["text", "n"],
    },
}
SENTENCES = [
    "Yes",
    "Yes, within thirty days.",
    'A "quoted" back\\slash, {braces} and /slashes/ — ünïcode 😀.',
    "No.",
]


def schema_grammar(schema: dict[str, Any]) -> Grammar:
    return Grammar("json_schema", json.dumps(schema))


async def settled(engine: ChatEngine) -> None:
    """Wait until the owner thread has no row left."""
    async with asyncio.timeout(10):
        while engine.stats().running or engine.stats().waiting:
            await asyncio.sleep(0.005)


async def test_making_an_engine_loads_nothing(tmp_path: Path) -> None:
    engine = TorchEngine(tmp_path / "absent")
    assert not engine.stats().loaded
    engine.close()


async def test_batched_greedy_text_equals_transformers_generate(engine: ChatEngine, tiny_model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(tiny_model),
        AutoTokenizer.from_pretrained(tiny_model),
    )
    prompts = [f"{'word ' * (3 * number)}What is {number}?" for number in range(10)]
    heard = await asyncio.gather(*[hear(engine.stream(says(prompt, max_tokens=40))) for prompt in prompts])
    for prompt, one in zip(prompts, heard, strict=True):
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=False,
        )
        with torch.inference_mode():
            out = model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=40, do_sample=False, pad_token_id=1
            )
        expected = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert one.text == expected.rstrip("\ufffd")


async def test_a_long_prompt_is_read_in_chunks_beside_others(engine: ChatEngine) -> None:
    prompt = tuple(range(5, 305))
    alone = await hear(engine.stream(ChatRequest(prompt=prompt, max_tokens=20)))
    together = await asyncio.gather(
        hear(engine.stream(says("Hello", max_tokens=60))),
        hear(engine.stream(ChatRequest(prompt=prompt, max_tokens=20))),
    )
    assert together[1].text == alone.text
    assert alone.done[0].tokens_in == 300


@pytest.mark.parametrize("name", SCHEMAS)
async def test_an_answer_under_a_schema_is_valid(engine: ChatEngine, name: str) -> None:
    schema = SCHEMAS[name]
    requests = [
        says("Answer.", max_tokens=200, grammar=schema_grammar(schema), temperature=temperature, seed=seed)
        for seed in range(4)
        for temperature in (0.0, 1.5)
    ]
    heard = await asyncio.gather(*[hear(engine.stream(request)) for request in requests])
    for one in heard:
        # A random model also writes texts that fill their bound; those may run out of tokens.
        if one.reason == "finished":
            jsonschema.validate(json.loads(one.text), schema)
    assert sum(one.reason == "finished" for one in heard) >= 6


async def test_grammars_seeds_and_free_text_share_a_batch(engine: ChatEngine) -> None:
    grammar = choices_grammar(SENTENCES, 1, 2)
    heard = await asyncio.gather(
        *[
            hear(
                engine.stream(
                    says(
                        "Go", max_tokens=80, temperature=1.0, seed=seed, grammar=grammar if seed % 2 else None
                    )
                )
            )
            for seed in range(12)
        ]
    )
    assert all(set(one.text.split("\n")) <= set(SENTENCES) for one in heard[1::2])
    assert len({one.text for one in heard[::2]}) == 6


@pytest.mark.parametrize(("least", "most"), [(1, 1), (2, 3), (0, 2)])
async def test_chosen_texts_are_copied_exactly_and_as_many_as_asked(
    engine: ChatEngine, least: int, most: int
) -> None:
    grammar = choices_grammar(SENTENCES, least, most)
    requests = [
        says("Choose", max_tokens=300, grammar=grammar, temperature=2.0, seed=seed) for seed in range(10)
    ]
    for one in await asyncio.gather(*[hear(engine.stream(request)) for request in requests]):
        chosen = one.text.split("\n") if one.text else []
        assert least <= len(chosen) <= most
        assert set(chosen) <= set(SENTENCES)
        assert len(chosen) == len(set(chosen))
        assert one.reason == "finished"


async def test_no_chosen_text_is_cut_by_the_token_limit(engine: ChatEngine) -> None:
    options = [f"{number} times {sentence}" for number in range(9) for sentence in SENTENCES]
    grammar = choices_grammar(options, 1, 50)
    requests = [
        says("Choose", max_tokens=150, grammar=grammar, temperature=2.0, seed=seed) for seed in range(6)
    ]
    for one in await asyncio.gather(*[hear(engine.stream(request)) for request in requests]):
        assert one.reason == "finished"
        assert set(one.text.split("\n")) <= set(options)


async def crowd(engine: ChatEngine) -> list[Heard]:
    """Answers of every kind at once, some of them asked for while others are written."""
    options = [f"{sentence} And {number} more." for number in range(3) for sentence in SENTENCES]
    requests = [
        *[
            says(f"Fill {name}", max_tokens=90, grammar=schema_grammar(part))
            for name, part in SCHEMAS.items()
        ],
        says("Choose two", max_tokens=200, grammar=choices_grammar(options, 2, 2)),
        says("Choose many", max_tokens=300, grammar=choices_grammar(options, 3, 9)),
        says("Choose in one line", max_tokens=200, grammar=choices_grammar(SENTENCES, 0, 3, "; ")),
        says("Chosen for you", max_tokens=300, grammar=choices_grammar([" ".join(options)[:250]], 1, 1)),
        says("Tell", max_tokens=60),
        says("Draw", max_tokens=60, temperature=1.0, seed=4),
    ]

    async def ask(place: int, request: ChatRequest) -> Heard:
        async with asyncio.timeout(60):
            while engine.stats().steps < 2 * (place % 4):
                await asyncio.sleep(0.002)
            return await hear(engine.stream(request))

    return list(await asyncio.gather(*[ask(place, request) for place, request in enumerate(requests)]))


@pytest.mark.parametrize("budget", [1, 40, 256])
@pytest.mark.parametrize("sat_out", [0, 64])
async def test_forced_tokens_read_together_change_no_answer(
    open_tiny: OpenEngine, monkeypatch: pytest.MonkeyPatch, budget: int, sat_out: int
) -> None:
    from limner.models.engines import rows, torch_batch, torch_core

    whole = torch_batch.Batch
    with monkeypatch.context() as patch:
        # One chosen token a step and row, as if nothing was ever known to be forced.
        patch.setattr(rows.Row, "take", rows.Row._add)
        expected = await crowd(open_tiny())
    monkeypatch.setattr(torch_core, "Batch", lambda model, _: whole(model, budget))
    monkeypatch.setattr(torch_batch, "_SAT_OUT", sat_out)
    engine = open_tiny()
    heard = await crowd(engine)
    assert [one.text for one in heard] == [one.text for one in expected]
    assert [one.done for one in heard] == [one.done for one in expected]
    if budget == 256:
        assert engine.stats().steps < max(one.done[0].tokens_out for one in heard)


async def test_a_forced_text_takes_a_few_steps_not_one_a_token(open_tiny: OpenEngine) -> None:
    engine = open_tiny()
    options = [f"{number}: {SENTENCES[2]}" for number in range(6)]
    heard = await hear(engine.stream(says("Choose", max_tokens=400, grammar=choices_grammar(options, 6, 6))))
    assert sorted(heard.text.split("\n")) == options
    assert heard.done[0].tokens_out > 100
    assert engine.stats().steps < 20


async def test_a_stop_text_within_a_forced_text_ends_the_answer(engine: ChatEngine) -> None:
    grammar = choices_grammar(["Yes, within thirty days."], 1, 1)
    heard = await hear(engine.stream(says("Say", grammar=grammar, stop=("thirty",))))
    assert heard.reason == "stopped"
    assert heard.text == "Yes, within "


async def test_a_forced_text_is_cut_at_the_token_limit(engine: ChatEngine) -> None:
    grammar = choices_grammar(["Yes, within thirty days."], 1, 1)
    heard = await hear(engine.stream(says("Say", max_tokens=5, grammar=grammar)))
    assert heard.reason == "length"
    assert heard.done[0].tokens_out == 5
    assert "Yes, within thirty days.".startswith(heard.text)


async def test_a_seed_repeats_whatever_else_runs(engine: ChatEngine) -> None:
    request = says("Tell me", max_tokens=30, temperature=1.0, top_p=0.9, seed=11)
    alone = await hear(engine.stream(request))
    others = [says(f"Other {number}", max_tokens=30, temperature=1.0, seed=number) for number in range(6)]
    crowd = await asyncio.gather(*[hear(engine.stream(each)) for each in [*others, request]])
    assert crowd[-1].text == alone.text
    assert len({one.text for one in crowd}) == 7


async def test_a_stop_text_ends_the_answer_and_is_never_seen(engine: ChatEngine) -> None:
    whole = (await hear(engine.stream(says("Hello", max_tokens=60)))).text
    stop = whole[12:15]
    heard = await hear(engine.stream(says("Hello", max_tokens=60, stop=(stop, "never there"))))
    assert heard.reason == "stopped"
    assert heard.text == whole[: whole.index(stop)]


async def test_what_looked_like_a_stop_text_is_given_out_in_the_end(engine: ChatEngine) -> None:
    whole = (await hear(engine.stream(says("Hello", max_tokens=20)))).text
    heard = await hear(engine.stream(says("Hello", max_tokens=20, stop=(whole[-1] + "\x00",))))
    assert heard.text == whole


async def test_no_delta_holds_part_of_a_character(engine: ChatEngine) -> None:
    text = "😀 ünïcode 漢字 🏳️‍🌈"
    heard = await hear(engine.stream(says("Say", max_tokens=200, grammar=choices_grammar([text], 1, 1))))
    assert heard.text == text
    assert len(heard.deltas) > 5
    assert all("\ufffd" not in delta.text for delta in heard.deltas)


async def test_tokens_are_counted(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Hello", max_tokens=7, temperature=1.0, seed=2)))
    assert heard.reason == "length"
    assert heard.done[0].tokens_out == 7
    await settled(engine)
    stats = engine.stats()
    assert stats.tokens_out == 7
    assert stats.tokens_in == heard.done[0].tokens_in > 0
    assert 0 < stats.tokens_per_second == 7 / stats.busy_seconds


async def test_deltas_count_the_tokens_of_their_text(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Say", grammar=choices_grammar(["Plain words."], 1, 1))))
    assert sum(delta.tokens for delta in heard.deltas) == heard.done[0].tokens_out > 0


async def test_leaving_a_stream_frees_its_row_in_one_step(engine: ChatEngine) -> None:
    stream = engine.stream(says("Hello", max_tokens=400, temperature=1.0, seed=1))
    await anext(stream)
    await stream.aclose()
    steps = engine.stats().steps
    await settled(engine)
    assert engine.stats().steps <= steps + 2


async def test_a_cancelled_task_frees_its_row(engine: ChatEngine) -> None:
    task = asyncio.create_task(hear(engine.stream(says("Hello", max_tokens=400, temperature=1.0, seed=1))))
    async with asyncio.timeout(30):
        while not engine.stats().running:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(engine)
    assert engine.stats().tokens_out < 400


async def test_a_deadline_ends_an_answer_and_keeps_what_came(engine: ChatEngine) -> None:
    await hear(engine.stream(says("load", max_tokens=1)))
    deadline = time.monotonic() + 0.2
    heard = await hear(
        engine.stream(says("Hello", max_tokens=400, temperature=1.0, seed=5, deadline=deadline))
    )
    assert heard.reason == "deadline"
    assert time.monotonic() - deadline < 0.2
    assert heard.text
    await settled(engine)


async def test_a_deadline_holds_while_the_model_loads(open_tiny: OpenEngine, tiny_model: Path) -> None:
    release = threading.Event()

    def locate() -> Path:
        release.wait(30)
        return tiny_model

    engine = open_tiny(locate)
    began = time.monotonic()
    heard = await hear(engine.stream(says("Hello", deadline=began + 0.1)))
    assert heard.reason == "deadline"
    assert 0.1 <= time.monotonic() - began < 1
    release.set()
    assert (await hear(engine.stream(says("Hello", max_tokens=3)))).reason == "length"


async def test_a_deadline_that_has_passed_starts_nothing(engine: ChatEngine) -> None:
    heard = await hear(engine.stream(says("Hello", deadline=time.monotonic() - 1)))
    assert heard.reason == "deadline"
    assert engine.stats().requests == 0


async def test_a_model_that_cannot_load_says_so_and_is_tried_again(
    open_tiny: OpenEngine, tiny_model: Path, tmp_path: Path
) -> None:
    places = [tmp_path / "absent", tiny_model]
    engine = open_tiny(lambda: places.pop(0))
    heard = await hear(engine.stream(says("Hello")))
    assert heard.reason == "error"
    assert isinstance(heard.done[0].error, UnavailableError)
    assert (await hear(engine.stream(says("Hello", max_tokens=3)))).reason == "length"


async def test_a_full_queue_is_said_at_once(open_tiny: OpenEngine, tiny_model: Path) -> None:
    release = threading.Event()

    def locate() -> Path:
        release.wait(30)
        return tiny_model

    engine = open_tiny(locate, max_queue=2)
    tasks = [asyncio.create_task(hear(engine.stream(says("Hello", max_tokens=2)))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="max_queue"):
        await anext(engine.stream(says("Hello")))
    release.set()
    assert [heard.reason for heard in await asyncio.gather(*tasks)] == ["length", "length"]


async def test_more_requests_than_rows_are_served_in_turn(open_tiny: OpenEngine) -> None:
    engine = open_tiny(max_batch=2)
    heard = await asyncio.gather(*[hear(engine.stream(says(str(n), max_tokens=10))) for n in range(7)])
    assert len(heard) == 7
    assert all(one.reason in ("length", "finished") for one in heard)


async def test_deterministic_answers_do_not_depend_on_company(open_tiny: OpenEngine) -> None:
    engine = open_tiny(deterministic=True)
    requests = [says(f"Number {n}", max_tokens=20, temperature=0.8, seed=n) for n in range(4)]
    serial = [(await hear(engine.stream(request))).text for request in requests]
    together = await asyncio.gather(*[hear(engine.stream(request)) for request in requests])
    assert [one.text for one in together] == serial


async def test_a_faulty_request_fails_alone(engine: ChatEngine) -> None:
    heard = await asyncio.gather(
        hear(engine.stream(says("Hello", grammar=Grammar("lark", "start: nowhere")))),
        hear(engine.stream(says("Hello", grammar=Grammar("json_schema", '{"type": "nothing"}')))),
        hear(engine.stream(ChatRequest(prompt=tuple([5] * 600)))),
        hear(engine.stream(says("Hello", max_tokens=5))),
    )
    assert [one.reason for one in heard] == ["error", "error", "error", "length"]
    assert all(isinstance(one.done[0].error, InputError) for one in heard[:3])
    assert "context" in str(heard[2].done[0].error)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (MemoryError(), MemoryFullError),
        (RuntimeError("not enough memory: you tried to allocate memory"), MemoryFullError),
        (RuntimeError("broken"), ModelError),
    ],
    ids=["MemoryError", "allocator", "other"],
)
async def test_a_failed_step_fails_its_rows_and_the_thread_goes_on(
    engine: ChatEngine, monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: type[Exception]
) -> None:
    from limner.models.engines import torch_batch

    whole = torch_batch.Batch.decode
    calls = iter(range(1000))

    def decode(batch: Any) -> Any:
        if next(calls) == 2:
            raise raised
        return whole(batch)

    monkeypatch.setattr(torch_batch.Batch, "decode", decode)
    heard = await asyncio.gather(*[hear(engine.stream(says(f"Hello {n}", max_tokens=50))) for n in range(3)])
    failed = [one for one in heard if one.reason == "error"]
    assert failed
    assert all(type(one.done[0].error) is expected for one in failed)
    assert (await hear(engine.stream(says("Hello", max_tokens=5)))).reason == "length"


async def test_a_failed_prefill_leaves_the_writing_rows_alone(
    engine: ChatEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner.models.engines import torch_batch

    stream = engine.stream(says("Hello", max_tokens=60, temperature=1.0, seed=3))
    await anext(stream)
    with monkeypatch.context() as patch:

        def read(group: Any, budget: int) -> Any:
            raise RuntimeError("broken")

        patch.setattr(torch_batch.Group, "read", read)
        failed = await hear(engine.stream(says("Bad luck")))
    assert failed.reason == "error"
    assert (await hear(stream)).reason in ("length", "finished")


async def test_closing_ends_every_request_and_the_thread(open_tiny: OpenEngine) -> None:
    before = set(threading.enumerate())
    engine = open_tiny(max_batch=2)
    tasks = [
        asyncio.create_task(hear(engine.stream(says(str(n), max_tokens=480, temperature=1.0, seed=n))))
        for n in range(5)
    ]
    async with asyncio.timeout(30):
        while engine.stats().running < 2:
            await asyncio.sleep(0.005)
    await asyncio.to_thread(engine.close)
    reasons = [heard.reason for heard in await asyncio.gather(*tasks)]
    assert reasons.count("cancelled") >= 3
    assert not [t for t in set(threading.enumerate()) - before if t.name.startswith("limner-")]
    with pytest.raises(UnavailableError, match="closed"):
        await anext(engine.stream(says("Hello")))
    engine.close()


def test_several_threads_and_loops_share_one_engine(engine: ChatEngine) -> None:
    texts: dict[int, list[str]] = {}

    def work(number: int) -> None:
        async def ask() -> list[str]:
            request = says("The same", max_tokens=15, temperature=1.0, seed=4)
            return [
                one.text for one in await asyncio.gather(*[hear(engine.stream(request)) for _ in range(3)])
            ]

        texts[number] = asyncio.run(ask())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(texts) == 4
    assert len({text for several in texts.values() for text in several}) == 1


def test_a_loop_that_is_closed_under_a_request_harms_nobody(engine: ChatEngine) -> None:
    loop = asyncio.new_event_loop()
    stream = engine.stream(says("Hello", max_tokens=480, temperature=1.0, seed=1))
    loop.run_until_complete(anext(stream))
    loop.close()
    heard = asyncio.run(hear(engine.stream(says("Hello", max_tokens=5))))
    assert heard.reason == "length"


@pytest.mark.parametrize(
    "options",
    [{"max_tokens": 0}, {"temperature": -1}, {"top_p": 0}, {"stop": ("",)}, {"prompt": (1,)}],
    ids=str,
)
def test_a_request_out_of_range_is_refused_before_it_is_sent(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        says("Hello", **options)


def test_idle_threads_of_the_engine_sleep_instead_of_spinning() -> None:
    code = (
        "import os; os.environ.pop('OMP_WAIT_POLICY', None)\n"
        "from limner.models.cpu_threads import wait_passively\n"
        "wait_passively(); assert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'\n"
        "os.environ['OMP_WAIT_POLICY'] = 'ACTIVE'\n"
        "wait_passively(); assert os.environ['OMP_WAIT_POLICY'] == 'ACTIVE'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
