"""Choices before any model sees them: what may be written, token by token."""

from __future__ import annotations

import copy
import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError
from limner.models.engines.choices import choices_grammar
from limner.models.engines.grammar import GrammarCompiler, Matcher

OPTIONS = {
    "sentences": ["We ship world-wide.", "Sandals can be returned.", "No."],
    "prefixes": ["Yes", "Yes, within thirty days.", "Yes, within thirty", "Y"],
    "letters": ["a", "b", "aa"],
    "marks": ['A "quoted" back\\slash', "{braces} <tags> | /slashes/", "it's", "trailing  ", "trailing "],
    "unicode": ["ünïcode 😀", "ünïcode 😎", "漢字", "🏳️‍🌈"],
    "special": ["<|end|>", "<|start|>user", "x <|end|> y"],
    "alone": ["One."],
}


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


@pytest.fixture(scope="module")
def grammars(tokenizer: Any) -> GrammarCompiler:
    return GrammarCompiler(tokenizer, len(tokenizer), {tokenizer.eos_token_id})


def allowed(matcher: Matcher) -> set[int]:
    bits = matcher.compute_bitmask()
    return {token for token in range(8 * len(bits)) if bits[token // 8] >> token % 8 & 1}


def write(matcher: Matcher, tokenizer: Any, seed: int) -> tuple[str, int]:
    """Go where chance leads; return the answer and its tokens."""
    chance, tokens = random.Random(seed), list[int]()
    while not matcher.is_stopped():
        token = chance.choice(sorted(allowed(matcher)))
        if token == tokenizer.eos_token_id:
            break
        assert matcher.consume_token(token)
        tokens.append(token)
    return tokenizer.decode(tokens, clean_up_tokenization_spaces=False), len(tokens)


@pytest.mark.parametrize("separator", ["\n", "; ", "\n\n", ";;"])
@pytest.mark.parametrize("name", OPTIONS)
def test_whatever_is_chosen_is_different_options_as_many_as_asked(
    grammars: GrammarCompiler, tokenizer: Any, name: str, separator: str
) -> None:
    options = OPTIONS[name]
    for least, most in ((0, 1), (1, 1), (1, 2), (2, 9), (9, 9)):
        grammar = choices_grammar(options, least, most, separator)
        for seed in range(12):
            text, _ = write(grammars.matcher(grammar, 500), tokenizer, seed)
            chosen = text.split(separator) if text else []
            assert set(chosen) <= set(options)
            assert len(chosen) == len(set(chosen))
            assert min(least, len(options)) <= len(chosen) <= most


@pytest.mark.parametrize("separator", ["\n", "; "])
@pytest.mark.parametrize("name", OPTIONS)
def test_every_selection_can_be_written(
    grammars: GrammarCompiler, tokenizer: Any, name: str, separator: str
) -> None:
    for count in (1, 2, 3):
        for chosen in itertools.permutations(OPTIONS[name], count):
            answer = separator.join(chosen).encode()
            matcher = grammars.matcher(choices_grammar(OPTIONS[name], 1, 3, separator), 500)
            assert reaches(matcher, answer, tokenizer.eos_token_id, grammars)


def reaches(matcher: Matcher, answer: bytes, end: int, grammars: GrammarCompiler) -> bool:
    """Tell whether some tokens write the answer and may end there."""
    following = allowed(matcher)
    if not answer:
        return matcher.is_stopped() or end in following
    for token in following - {end}:
        spelled = grammars._tokenizer.decode_bytes([token])
        after = copy.copy(matcher)
        if not answer.startswith(spelled) or not after.consume_token(token):
            continue
        if reaches(after, answer[len(spelled) :], end, grammars):
            return True
    return False


def test_an_answer_may_end_only_once_enough_is_chosen(grammars: GrammarCompiler, tokenizer: Any) -> None:
    matcher = grammars.matcher(choices_grammar(["a", "b", "c"], 2, 3, ";"), 50)
    ends = []
    for text in "a;b":
        ends.append(tokenizer.eos_token_id in allowed(matcher))
        matcher.consume_token(tokenizer.encode(text)[0])
    assert ends == [False, False, False]
    assert tokenizer.eos_token_id in allowed(matcher)


def test_the_last_choice_ends_the_answer(grammars: GrammarCompiler, tokenizer: Any) -> None:
    matcher = grammars.matcher(choices_grammar(["a", "b", "a"], 1, 9, ";"), 50)
    for text in "a;b":
        assert not matcher.is_stopped()
        assert matcher.consume_token(tokenizer.encode(text)[0])
    assert matcher.is_stopped()


def test_a_token_that_leads_to_no_option_is_refused(grammars: GrammarCompiler, tokenizer: Any) -> None:
    matcher = grammars.matcher(choices_grammar(["a", "b"], 1, 2), 50)
    assert not matcher.consume_token(tokenizer.encode("c")[0])
    assert "no option" in matcher.get_error()


def test_no_option_is_begun_that_no_longer_fits(grammars: GrammarCompiler, tokenizer: Any) -> None:
    short, long = "No.", "Sandals can be returned within thirty days, worn or not: 😀😀😀😀."
    grammar = choices_grammar([short, long, "Yes"], 1, 3)
    for room, seed in itertools.product(range(4, 60), range(5)):
        text, tokens = write(grammars.matcher(grammar, room), tokenizer, seed)
        assert tokens <= room
        assert set(text.split("\n")) <= {short, long, "Yes"}


def test_a_text_that_only_one_option_has_is_forced_to_its_end(
    grammars: GrammarCompiler, tokenizer: Any
) -> None:
    options = ["Sandals can be returned within thirty days.", "The parcel takes nine days."]
    matcher = grammars.matcher(choices_grammar(options, 2, 2), 200)
    first = tokenizer.encode(options[0])[0]
    assert not matcher.compute_ff_tokens()
    matcher.consume_token(first)
    assert tokenizer.decode([first, *matcher.compute_ff_tokens()]) == "\n".join(options)


def test_a_token_may_hold_an_end_and_the_separator(grammars: GrammarCompiler, tokenizer: Any) -> None:
    matcher = grammars.matcher(choices_grammar(['"a"', '"b"'], 1, 2, ","), 50)
    for token in tokenizer.encode('"a'):
        assert matcher.consume_token(token)
    assert {tokenizer.decode([token]) for token in allowed(matcher)} == {'"', '",'}


@pytest.mark.parametrize(
    ("options", "least", "most", "separator"),
    [
        ([], 1, 1, "\n"),
        (["a", ""], 1, 1, "\n"),
        (["a\nb"], 1, 1, "; "),
        (["a; b"], 1, 1, "; "),
        (["a", "a;"], 1, 2, ";;"),
        (["a"], 1, 1, ""),
        (["a"], 2, 1, "\n"),
        (["a"], 0, 0, "\n"),
        (["a"], -1, 1, "\n"),
    ],
)
def test_choices_that_cannot_be_told_apart_are_refused(
    options: list[str], least: int, most: int, separator: str
) -> None:
    with pytest.raises(InputError):
        choices_grammar(options, least, most, separator)
