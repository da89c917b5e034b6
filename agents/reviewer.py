"""The reviewer: which sections must be written again, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from ..steps import step

_SAME = 96
"""Likeness of their words, of 100, from which two sentences are one."""
_NUMBER = re.compile(r"\d[\d.,:]*")


class SectionDraft(BaseModel):
    """A section as the reviewer reads it."""

    model_config = ConfigDict(frozen=True)

    title: str
    sentences: tuple[str, ...]

    @property
    def opening(self) -> str:
        """Its first two sentences: a small model judges the rest no better for having read it."""
        return " ".join(self.sentences[:2])


class Fault(BaseModel):
    """A section that must be written again."""

    model_config = ConfigDict(frozen=True)

    section: int = Field(ge=0)
    """Index of the section, from 0."""
    kind: Literal["repeat", "thin", "off-title", "contradiction"]
    reason: str = Field(max_length=200)


@step(prompt="review.jinja", max_tokens=120, share=0.4, agent="reviewer")
def review(topic: str, sections: list[SectionDraft]) -> list[Fault]:
    """Find the sections to write again, by rule: repeats, contradictions, and empty sections."""
    return rule_faults(sections)


@review.check
def sections_exist(out: list[Fault], sections: list[SectionDraft]) -> str | None:
    """Every fault points at a section that is there."""
    wrong = [fault.section for fault in out if fault.section >= len(sections)]
    return f"there is no section {wrong[0]}; sections are 0 to {len(sections) - 1}" if wrong else None


@review.check
def agrees_with_the_text(out: list[Fault], sections: list[SectionDraft]) -> str | None:
    """What can be counted, a model may not invent."""
    real: set[tuple[int, str]] = {(fault.section, fault.kind) for fault in rule_faults(sections)}
    for fault in out:
        if fault.kind != "off-title" and (fault.section, fault.kind) not in real:
            return f"section {fault.section} is not at fault as {fault.kind!r}"
    return None


def said_before(sentence: str, others: Iterable[str]) -> bool:
    """Whether a sentence says what one of the others says: nearly the same words, and the same figures."""
    said, figures = default_process(sentence), _NUMBER.findall(sentence)
    return any(
        fuzz.token_sort_ratio(said, default_process(other)) >= _SAME and figures == _NUMBER.findall(other)
        for other in others
    )


def _contradicted(sentence: str, others: Iterable[str]) -> str:
    """The sentence that says the same with other figures; "" where there is none."""
    plain, figures = _NUMBER.sub("#", sentence), _NUMBER.findall(sentence)
    for other in others:
        theirs = _NUMBER.findall(other)
        differ = bool(figures and theirs) and figures != theirs and len(figures) == len(theirs)
        if differ and fuzz.ratio(plain, _NUMBER.sub("#", other), processor=default_process) >= 97:
            return f"another section says: {other}"
    return ""


def rule_faults(sections: list[SectionDraft]) -> list[Fault]:
    """Faults that need no judgement, in order of the sections."""
    faults: list[Fault] = []
    earlier: list[str] = []
    for number, section in enumerate(sections):
        if not section.sentences:
            faults.append(Fault(section=number, kind="thin", reason="it has no sentence"))
        against = next((pair for s in section.sentences if (pair := _contradicted(s, earlier))), "")
        said = [sentence for sentence in section.sentences if said_before(sentence, earlier)]
        if against:
            faults.append(Fault(section=number, kind="contradiction", reason=against[:200]))
        elif said:
            faults.append(Fault(section=number, kind="repeat", reason=f"said before: {said[0][:120]}"))
        earlier += section.sentences
    return faults
