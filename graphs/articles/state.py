"""The state of the content graph: plain JSON on its way from a brief to an article."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

Scored = tuple[str, float]


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class ContentState(TypedDict, total=False):
    """Plain JSON: passages are ids, pictures are paths."""

    brief: dict[str, Any]
    approve: bool
    """Whether a person sees the plan before anything is written."""
    found: list[Scored]
    """What a search for the topic gave: ids and scores."""
    points: list[list[Scored]]
    """The same for each demand of the brief."""
    opening: list[dict[str, Any]]
    """Sentences above the first section."""
    outline: list[dict[str, Any]]
    """A `SectionPlan` a section."""
    sections: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its sentences."""
    tables: Annotated[dict[str, list[dict[str, Any]]], _merge]
    """Section number to its tables."""
    remarks: Annotated[dict[str, list[str]], _merge]
    """Section number, or "opening", to what of the house's style was kept only by leaving out, or not."""
    images: list[dict[str, Any]]
    faulty: list[int]
    rounds: int


class SectionTask(TypedDict):
    """What one section's node is sent."""

    brief: dict[str, Any]
    number: int
    plan: dict[str, Any]
    avoid: list[str]
    """Sentences that stand elsewhere already."""
