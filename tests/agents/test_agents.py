"""The agents' fallbacks and checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.agents.articles.keyphrases import candidates
from limner.agents.articles.outline import Outline, SectionPlan
from limner.agents.articles.stock_titles import stock_titles
from limner.agents.brief import Brief, load_brief, parse_brief
from limner.agents.planner import approved_titles, picked, plan
from limner.agents.reviewer import Fault, SectionDraft, review, rule_faults
from limner.agents.writer import write
from limner.errors import InputError
from limner.retrieval.extract import Cited
from limner.testing import ScriptedModel


class TestBrief:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"topic": ""}, "'topic'"),
            ({"topic": "x" * 301}, "'topic'"),
            ({"topic": "x", "sections": 0}, "'sections' is 0"),
            ({"topic": "x", "sections": 500}, "'sections' is 500"),
            ({"topic": "x", "words": 10}, "'words'"),
            ({"topic": "x", "images": 9}, "'images'"),
            ({"topic": "x", "kind": "poem"}, "'kind'"),
            ({"topic": "x", "colour": "red"}, "no field 'colour'"),
            ({"audience": "all"}, "lacks 'topic'"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_value(self, fields: dict[str, object], words: str) -> None:
        with pytest.raises(InputError, match=words):
            Brief(**fields)

    @pytest.mark.parametrize(
        "text", ["", "- a\n- b", "topic: [", "{", "topic: &a [*a]", "!!python/object:os.system x"]
    )
    def test_a_file_that_is_no_brief_is_refused(self, text: str) -> None:
        with pytest.raises(InputError, match=r"brief\.yaml"):
            parse_brief(text, "brief.yaml")

    def test_the_line_of_a_mistake_is_told(self) -> None:
        with pytest.raises(InputError, match="line 3"):
            parse_brief("topic: x\nwords: 300\n  bad: [\n", "b.yaml")

    def test_an_argument_is_a_file_a_topic_or_standard_input(self) -> None:
        assert load_brief("How returns work").topic == "How returns work"
        assert load_brief("-", "topic: Boots").topic == "Boots"
        with pytest.raises(InputError, match="No such file"):
            load_brief("nowhere/brief.yaml")


class TestPlanner:
    @given(st.integers(1, 12))
    def test_without_documents_there_are_as_many_titles_as_sections(self, count: int) -> None:
        titles = stock_titles("news", count)
        assert len(set(titles)) == count and all(titles)

    def test_what_the_brief_asks_for_stands_whatever_the_plan_chose(self) -> None:
        sections = tuple(
            SectionPlan(title=title, firm=title == "Prices") for title in ("Prices", "Times", "Staff")
        )
        found = Outline(sections, extra="Staff")
        chosen = picked(found, ["Times", "Staff"], 2, "selected")
        assert [(each.title, each.made_by) for each in chosen] == [
            ("Prices", "rendered"),
            ("Times", "selected"),
        ]

    def test_a_plan_may_put_another_section_in_the_place_of_one_that_nothing_asks_for(self) -> None:
        found = Outline(
            tuple(SectionPlan(title=title) for title in ("Prices", "Times", "Staff")), extra="Staff"
        )
        assert [each.title for each in picked(found, ["Staff", "Prices"], 2, "selected")] == [
            "Prices",
            "Staff",
        ]

    def test_a_plan_of_too_few_sections_is_repaired(self) -> None:
        model = ScriptedModel(["Prices", "Prices\nTimes\nPlaces"])
        outcome = plan.using(model).run("x", "", "", ["Times", "Prices", "Places"], 3)
        assert (outcome.value, outcome.source) == (["Prices", "Times", "Places"], "repaired")

    @pytest.mark.parametrize("answer", [None, False, {}, {"approve": False}, {"titles": []}, "yes", 3])
    def test_an_answer_that_is_none_is_refused(self, answer: object) -> None:
        with pytest.raises(InputError, match="no answer to a plan"):
            approved_titles(answer, ["A"])

    def test_a_person_may_say_yes_or_name_the_titles(self) -> None:
        assert approved_titles({"approve": True}, ["A", "B"]) == ["A", "B"]
        assert approved_titles({"titles": ["## C", "A", "A", ""]}, ["A", "B"]) == ["C", "A"]


class TestWriter:
    def test_without_a_model_the_nearest_parts_are_taken(self) -> None:
        leads = [Cited(f"Part {n} begins here.", f"p{n}", 0, 20) for n in range(4)]
        assert write.fallback("x", "y", "", leads, 1, 2) == leads[:2]

    def test_a_model_copies_the_first_sentences_of_the_parts_it_wants(self) -> None:
        leads = [Cited(f"Part {n} begins here.", f"p{n}", 0, 20) for n in range(4)]
        model = ScriptedModel(["Part 3 begins here.\nPart 1 begins here."])
        outcome = write.using(model).run("x", "y", "", leads, 1, 2)
        assert (outcome.value, outcome.source) == ([leads[3], leads[1]], "selected")


class TestReviewer:
    SECTIONS = (
        SectionDraft(title="A", sentences=("Boots are waterproof up to the ankle.",)),
        SectionDraft(title="B", sentences=("Up to the ankle, boots are waterproof.",)),
        SectionDraft(title="C", sentences=()),
    )

    def test_rules_find_repeats_and_empty_sections(self) -> None:
        assert [(f.section, f.kind) for f in rule_faults(list(self.SECTIONS))] == [(1, "repeat"), (2, "thin")]

    def test_rules_find_two_sections_that_contradict_each_other(self) -> None:
        drafts = [
            SectionDraft(title="A", sentences=("Refunds arrive within 5 business days.",)),
            SectionDraft(title="B", sentences=("Refunds arrive within 7 business days.", "Boots cost $5.")),
            SectionDraft(title="C", sentences=("Exchanges arrive within 9 business days.",)),
        ]
        (fault,) = rule_faults(drafts)
        assert (fault.section, fault.kind) == (1, "contradiction") and "5 business days" in fault.reason

    def test_a_model_that_invents_a_repeat_is_overruled(self) -> None:
        fault = Fault(section=0, kind="repeat", reason="I think so")
        model = ScriptedModel([f"[{fault.model_dump_json()}]"])
        outcome = review.using(model).run("Boots", list(self.SECTIONS))
        assert (outcome.source, outcome.degraded) == ("fallback", True)
        assert outcome.value == rule_faults(list(self.SECTIONS))

    def test_a_model_may_find_a_section_off_its_title(self) -> None:
        fault = Fault(section=0, kind="off-title", reason="not about A")
        model = ScriptedModel([f"[{fault.model_dump_json()}]"])
        outcome = review.using(model).run("Boots", list(self.SECTIONS[:1]))
        assert (outcome.value, outcome.source) == ([fault], "model")


def test_keyphrases_hold_no_stop_words_numbers_or_ends_in_a_verb() -> None:
    found = candidates(
        "The waterproof hiking boots cost 89 dollars. Boots are shipping. Return shipping label."
    )
    assert "boots" in found and "label" in found
    assert not any(word in phrase.split() for phrase in found for word in ("the", "are", "89", "cost"))
