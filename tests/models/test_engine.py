"""What every request of the torch engine is promised, on a tiny random model."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError, MemoryFullError, ModelError, UnavailableError
from limner.models.engines.base import ChatEngine, ChatRequest
from limner.models.engines.choices import choices_grammar

from .conftest import SCHEMAS, SENTENCES, Heard, OpenEngine, hear, says, schema_grammar, settled


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


async def test_a_model_that_cannot_load_says_so_and_is_tried_again(
    open_tiny: OpenEngine, tiny_model: Path, tmp_path: Path
) -> None:
    places = [tmp_path / "absent", tiny_model]
    engine = open_tiny(lambda: places.pop(0))
    heard = await hear(engine.stream(says("Hello")))
    assert heard.reason == "error"
    assert isinstance(heard.done[0].error, UnavailableError)
    assert (await hear(engine.stream(says("Hello", max_tokens=3)))).reason == "length"


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
        "from limner.models.cpu_threads import set_up_cpu\n"
        "set_up_cpu(); assert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'\n"
        "os.environ['OMP_WAIT_POLICY'] = 'ACTIVE'\n"
        "set_up_cpu(); assert os.environ['OMP_WAIT_POLICY'] == 'ACTIVE'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
