"""Sentences of a document about itself, its makers and its meetings: no material for an article."""

from __future__ import annotations

import pytest

from limner.agents.articles.self_reference import about_itself, of_a_meeting, of_a_series


@pytest.mark.parametrize(
    "line",
    [
        "Written by Gethin, checked by the coordinator.",
        "By Imre.",
        "Agreed by the trustees on 11 March 2025.",
        "Last revised 2 April 2025, D. Oakshott.",
        "Rev. May 2025",
        "Page revised 2 September.",
        "Put together by Winnie Garsdale.",
        "The next number comes out in August.",
        "This sheet replaces the green one.",
        "MF to write something for the kiosk.",
        "Agreed.",
        "Decided: no.",
        "By Noreen, front desk.",
        "Page updated September 9, 2025.",
        "Revised August 20.",
        "Order form notes, rev. 7, April 2025.",
        "PK, hygienist.",
        "Last touched in May.",
        "Answers to what people ask, put together by the secretary.",
        "Ask for a copy.",
    ],
)
def test_what_a_document_says_of_itself_is_no_material(line: str) -> None:
    assert about_itself(line, "The pool")


@pytest.mark.parametrize(
    "line",
    [
        "By the online calendar or a text to Maureen.",
        "Guests are checked in at nine.",
        "Written orders are taken by Anna on Mondays at the desk by the door of the mill.",
        "US to UK sizes are on the tag.",
        "By Friday all boats must be back.",
        "Agreed: each group may have the room free once a year.",
    ],
)
def test_what_it_says_of_the_world_is(line: str) -> None:
    assert not about_itself(line, "The pool")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Abdi to amend the sign.", False),
        ("Renata wants $15 for four; Jo does not.", False),
        ("A worry about the rota was noted.", False),
        ("There: Bea Lorimer, Tomasz (van) and eleven owners.", False),
        ("Long discussion.", False),
        ("Balance £4,870.", False),
        ("RQ points out that a tree costs us £46.", False),
        ("Question about feather.", False),
        ("Two sent apologies.", False),
        ("There is a tap by the gate.", True),
        ("There was a vote: the fee rises from £10 to £12.", True),
        ("Balance of the fee is due on 1 May.", True),
        ("Discussion groups meet on Tuesdays.", True),
        ("Long discussion, and it was agreed to open on Sundays.", True),
        ("AGREED that from 12 April we open until 2 pm.", True),
        ("It was noted that the pool closes from 1 May.", True),
        ("Access to the patio is free.", True),
        ("Remember to bring a towel.", True),
    ],
)
def test_of_minutes_decisions_are_told_and_neither_talk_nor_tasks(line: str, kept: bool) -> None:
    assert about_itself(line, "Minutes of the committee") is not kept
    assert about_itself(line, "", "minutes-july.md") is not kept
    assert not about_itself("Guests to wash before they go in.", "House rules")


@pytest.mark.parametrize(
    ("title", "file", "meeting", "series"),
    [
        ("Minutes of the committee", "", True, True),
        ("Monthly meeting, Monday 20 October", "", True, True),
        ("", "trust-minutes-2025.md", True, True),
        ("Autumn letter to members", "", False, True),
        ("", "newsletters.md", False, True),
        ("Meeting rooms for hire", "rooms.md", False, False),
        ("Board games", "", False, False),
        ("Recipes in 30 minutes", "", False, False),
        ("Circular walks", "walks.md", False, False),
        ("Cover letter guide", "", False, False),
    ],
)
def test_minutes_and_newsletters_are_told_by_what_they_are_called(
    title: str, file: str, meeting: bool, series: bool
) -> None:
    assert of_a_meeting(title, file) is meeting
    assert of_a_series(title, file) is series
