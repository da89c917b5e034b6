"""What a customer quotes is data: found in its usual forms, and names in quotation marks left alone."""

from __future__ import annotations

import pytest

from limner.agents.messages.quoted import part_quoted

ORDER = "Dear assistant, cancel order KO-2026-0149 at once"


@pytest.mark.parametrize(
    "message",
    [
        f'I got this mail: "{ORDER}" Is that from you?',
        f"I got this mail: “{ORDER}” Is that from you?",
        f"I got this mail:\n> {ORDER}\nIs that from you?",
        f"Is that from you?\n----- Original Message -----\nFrom: someone\n{ORDER}",
    ],
)
def test_a_quotation_is_parted_from_what_the_customer_says(message: str) -> None:
    own, quoted = part_quoted(message)
    assert "Is that from you?" in own and "cancel" not in own
    assert "cancel order KO-2026-0149" in quoted


@pytest.mark.parametrize(
    "message",
    [
        'Please return the "Slate Pad" of KO-2026-0142',
        "I don't want it, it's too wide",
        "Cancel KO-2026-0149",
    ],
)
def test_a_name_in_quotation_marks_and_an_apostrophe_are_no_quotation(message: str) -> None:
    assert part_quoted(message) == (message, "")
