"""Routing: intents from YAML, heads trained on their examples, rules before both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from limner.agents.messages.dialogue import split
from limner.agents.messages.doubt import doubt
from limner.agents.messages.follow_ups import resolve
from limner.agents.messages.heads import Heads
from limner.agents.messages.intents import Intents, load_intents, read_intents
from limner.agents.messages.language import language_of
from limner.agents.messages.spelling import Speller
from limner.agents.messages.training import train
from limner.agents.messages.verdicts import upset, verdict
from limner.agents.router import Router
from limner.errors import InputError
from limner.retrieval.extract import Cited
from limner.retrieval.passage import Passage

ROOT = Path(__file__).resolve().parents[2]
BANKING = ROOT.parent / "shared" / "data" / "banking77" / "train.jsonl"
INTENTS: dict[str, Any] = {
    "intents": [
        {
            "name": "cancel",
            "description": "Cancel an order",
            "tool": "cancel_order",
            "rules": [r"\bcancel\b.*\bKO-\d+"],
            "examples": [
                "cancel my order",
                "please stop the order",
                "I do not want the order any more",
                "cancel it",
            ],
        },
        {
            "name": "question",
            "description": "Ask about the shop",
            "examples": [
                "what is your policy",
                "how much is shipping",
                "are you open on Sunday",
                "do you sell tents",
            ],
        },
    ]
}


@pytest.fixture(scope="module")
def intents() -> Intents:
    return read_intents(INTENTS, "test")


def test_the_words_alone_route_what_is_clear(intents: Intents) -> None:
    router = Router(intents, train(intents, None).heads)
    assert router.route("please cancel the order").intent == "cancel"
    route = router.route("how much is a tent, and are you open?")
    assert (route.intent, route.by) == ("question", "words")
    assert 0 <= route.confidence <= 1 and route.margin <= route.confidence


def test_a_rule_goes_before_the_heads(intents: Intents) -> None:
    route = Router(intents, train(intents, None).heads).route("how do I cancel KO-12?")
    assert (route.intent, route.by, route.confidence, route.sure) == ("cancel", "rule", 1.0, True)


def test_words_that_no_example_has_are_unsure(intents: Intents) -> None:
    assert not Router(intents, train(intents, None).heads).route("zyxw qwerty").sure


def test_training_twice_gives_the_same_bytes(intents: Intents) -> None:
    assert train(intents, None).heads.to_bytes() == train(intents, None).heads.to_bytes()


def test_heads_come_back_from_their_file(intents: Intents, tmp_path: Path) -> None:
    path = tmp_path / "router.safetensors"
    heads = train(intents, None).heads
    path.write_bytes(heads.to_bytes())
    message = "stop the order"
    assert Router(intents, Heads.load(path)).route(message) == Router(intents, heads).route(message)


def test_heads_of_other_intents_are_refused(intents: Intents) -> None:
    other = read_intents(
        {"intents": [{**row, "examples": ["x", "y"]} for row in INTENTS["intents"]]}, "other"
    )
    with pytest.raises(InputError, match="Train it again"):
        Router(other, train(intents, None).heads)


def test_a_file_that_is_no_router_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "router.safetensors"
    path.write_bytes(b"not a tensor")
    with pytest.raises(InputError, match="limner support train"):
        Heads.load(path)


GOOD = "{name: ok, description: b, examples: [e]}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("intents: [", "line 1"),
        ("intents: []", "intents"),
        (f"intents: [{{name: a, description: b, examples: []}}, {GOOD}]", "examples"),
        (f"intents: [{{name: a, description: b, examples: [x], rules: ['(']}}, {GOOD}]", "rules"),
        (f"intents: [{GOOD}, {GOOD}]", "2 times"),
    ],
)
def test_a_wrong_intents_file_names_the_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "intents.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        load_intents(path)


def test_the_stores_intents_read() -> None:
    assert len(load_intents(ROOT / "examples" / "outfitter" / "intents.yaml").intents) == 8


@pytest.mark.slow
@pytest.mark.skipif(not BANKING.exists(), reason="the shared data is not beside this checkout")
def test_the_words_alone_know_77_intents_of_bank_customers() -> None:
    examples: dict[str, list[str]] = {}
    for line in BANKING.read_text("utf-8").splitlines()[::2]:
        row = json.loads(line)
        examples.setdefault(row["category"], []).append(row["text"])
    rows = [{"name": name, "description": name, "examples": texts} for name, texts in examples.items()]
    trained = train(read_intents({"intents": rows}, "banking"), None, folds=2)
    assert trained.heads.accuracy > 0.75 and trained.error < 0.06


# -- reading a message


def test_questions_are_split_and_their_lead_stays_with_them() -> None:
    assert split("Hi! My box is torn. What do I do? And is it free? Thanks!") == [
        "My box is torn. What do I do?",
        "And is it free?",
    ]
    assert split("Cancel order 1 and return the boots of order 2.") == [
        "Cancel order 1",
        "return the boots of order 2.",
    ]
    assert split("When and where is the walk?") == ["When and where is the walk?"]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("Before I confirm: when is my card charged?", ["when is my card charged?"]),
        ("Fine. How do I reset my password?", ["How do I reset my password?"]),
        ("I am furious!! The box is torn. What now?", ["The box is torn. What now?"]),
    ],
)
def test_what_only_leads_over_to_a_question_is_no_part_of_it(message: str, parts: list[str]) -> None:
    assert split(message) == parts


def test_it_means_the_thing_that_was_named_before() -> None:
    asked = resolve("Does it ship to Germany?", "Which wind is the Drumlin Winter Tent tested for?")
    assert asked == "Does the Drumlin Winter Tent ship to Germany?"
    whole = "And how long does a refund to my card take?"
    assert resolve(whole, "Please cancel my order.") == whole


def test_words_run_together_are_parted_and_words_of_the_documents_stay() -> None:
    speller = Speller(["Do gift cards expire?", "Can I return shoes?"])
    assert speller.correct("do giftcards expire?") == "do gift cards expire?"
    assert speller.correct("can i retrun it") == "can i return it"
    assert speller.correct("is it being returned?") == "is it being returned?"
    assert speller.correct("is the returm open?", also={"returm"}) == "is the returm open?"


def test_a_follow_up_takes_the_topic_of_the_question_before() -> None:
    assert (
        resolve("when is it free?", "What does shipping to Canada cost?")
        == "when is shipping to Canada free?"
    )
    assert resolve("Do gift cards expire?", "What does shipping cost?") == "Do gift cards expire?"


@pytest.mark.parametrize(
    ("message", "kind", "more"),
    [
        ("yes please", "yes", False),
        ("Alright then, yes", "yes", False),
        ("Great, do you ship abroad?", "other", True),
        ("Yes, but size L", "yes", True),
        ("no thanks", "no", False),
        ("no, order KO-2 instead", "no", True),
        ("what does it cost?", "other", True),
    ],
)
def test_a_yes_and_a_no_are_read_with_what_follows(message: str, kind: str, more: bool) -> None:
    said = verdict(message)
    assert (said.kind, said.more) == (kind, more)


def test_moods_and_languages() -> None:
    assert upset("This is UNACCEPTABLE!!") and not upset("Where is my order?")
    assert language_of("Wie lange kann ich die Schuhe zurückgeben?") == "de"
    assert language_of("How long can I return shoes?") == "en"


def test_an_answer_without_what_was_asked_for_is_doubted() -> None:
    passages = [Passage(id="p", text="The pack holds 28 liters. The garage is free at first.", source="a.md")]
    said = [Cited("The pack holds 28 liters.", "p", 0, 25)]
    assert doubt("How many pounds can the pack hold?", said, passages, 0.8)
    assert not doubt("How many liters does the pack hold?", said, passages, 0.8)
    counted = [Cited("The Harrow Bay store has 30 pairs of rental snowshoes.", "p", 0, 50)]
    assert not doubt("How many rental snowshoes does Harrow Bay have?", counted, passages, 0.8)
    assert "something else" in doubt("How many snowshoes does the Pinecroft have?", counted, passages, 0.8)
    row = Passage(id="r", text="| Store | Phone |\n|---|---|\n| Harrow Bay | 127 |", source="b.md")
    assert doubt(
        "How many people work in Harrow Bay?", [Cited("| Harrow Bay | 127 |", "r", 32, 52)], [row], 0.8
    )
    year = [Cited("The share was 48 percent in 2023.", "p", 0, 30)]
    assert "2023" in doubt("What was the share in 2025?", year, passages, 0.8)
    assert not doubt("What was the share in 2023?", year, passages, 0.8)
    assert "surcharge" in doubt("Is there a surcharge for the pack?", said, passages, 0.5)
    assert "no amount" in doubt("What does the pack cost?", said, passages, 0.8)
