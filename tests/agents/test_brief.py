"""Briefs: what is taken, and what is refused before any model loads."""

from __future__ import annotations

import pytest

from limner import Brief
from limner.errors import InputError


@pytest.mark.parametrize(
    ("named", "kind"), [("newsletter", "news"), ("howto", "how-to"), ("how to", "how-to"), ("faq", "faq")]
)
def test_a_kind_may_have_the_name_that_people_give_it(named: str, kind: str) -> None:
    assert Brief("Winter opening", kind=named).kind == kind


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "poem"}, "'article', 'how-to', 'product', 'news' or 'faq'"),
        ({"words": 20}, "greater than or equal to 150"),
        ({"colour": "red"}, "no field 'colour'"),
    ],
)
def test_what_a_brief_cannot_be_is_said_with_the_field(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Brief("Winter opening", **fields)
