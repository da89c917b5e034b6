"""What documents say is for the people of the house alone stands in no article for others."""

from __future__ import annotations

from pathlib import Path

from limner import Brief, Limner

OPEN = "# The hut\n\n## Mornings\n\nPorridge stands on the stove at seven. Bread is baked on Sundays.\n"
INSIDE = "# Notes for wardens\n\n## Keys\n\nThe day starts with the key. Count the spoons first.\n"


def test_an_inside_sheet_is_left_out_and_named_in_the_receipt(tmp_path: Path) -> None:
    (tmp_path / "hut.md").write_text(OPEN)
    (tmp_path / "keys.md").write_text(INSIDE)
    with Limner(model="", embeddings="", knowledge=tmp_path) as app:
        guests = app.write(Brief("Mornings and keys at the hut", audience="guests", sections=2, images=0))
        wardens = app.write(
            Brief("Mornings and keys at the hut", audience="new wardens", sections=2, images=0)
        )
    (told,) = [reason for row in guests.receipt for reason in row["reasons"] if reason.startswith("inside")]
    assert "keys.md" in told and not guests.degraded
    assert "spoons" not in guests.output.markdown
    assert "spoons" in wardens.output.markdown
