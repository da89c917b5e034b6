"""Pictures from the command line, and what they say of their making."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from limner import Limner
from limner.errors import InputError
from limner.testing import random_pipeline

from .conftest import Call

FACTS = ["intact", "made_by", "model", "seed", "prompt_sha256", "sources", "signed_by"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_EMBEDDINGS__NAME", "")


def test_a_picture_is_drawn_and_says_how(limner: Call) -> None:
    made = limner("draw", "a red delivery truck", "--out", "truck.png", "--seed", "3", "--json").json
    output = made["output"]
    assert output["path"] == str(Path("truck.png").absolute())
    assert (output["source"], output["model"], output["seed"]) == ("rendered", None, 3)
    assert "delivery truck" in output["alt"]
    assert [row["source"] for row in made["receipt"]] == ["rendered"] and not made["degraded"]
    told = limner("images", "verify", "truck.png", "--json").json
    assert list(told) == FACTS
    assert (told["intact"], told["made_by"], told["seed"]) == (True, "renderer", 3)


def test_the_same_prompt_and_seed_give_the_same_file(limner: Call) -> None:
    for name in ("a.png", "b.png"):
        limner("draw", "Boots", "--style", "card", "--out", name, "--json")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_a_changed_and_a_foreign_picture_are_told_apart(limner: Call) -> None:
    limner("draw", "Boots", "--out", "boots.png", "--json")
    data = Path("boots.png").read_bytes()
    Path("changed.png").write_bytes(data.replace(b'"seed": 0', b'"seed": 9'))
    Image.new("RGB", (9, 9)).save("foreign.png")
    assert limner("images", "verify", "foreign.png", "--json").json["intact"] is None
    assert limner("images", "verify", "changed.png", "--json").json["intact"] is False


def test_a_chart_is_drawn_from_a_file(limner: Call) -> None:
    Path("weights.yaml").write_text(
        "title: Weight of two tents\nstyle: chart\npart:\n  kind: bar\n  unit: ' kg'\n"
        "  source: Product table\n  values: [[Ridge 1, 1.2], [Dome, 4.6]]\n"
    )
    made = limner("draw", "weights.yaml", "--out", "w.png", "--json").json
    assert "Dome: 4.6 kg" in made["output"]["alt"] and "Source: Product table" in made["output"]["alt"]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("", "empty"),
        ({"prompt": "x", "style": "poem"}, "poem"),
        ({"prompt": "x", "colour": "red"}, "colour"),
        ({"prompt": "x", "brand": {"logo": "/etc/passwd"}}, "brand"),
        ({"prompt": "x", "style": "chart"}, "takes a Chart"),
        ({"prompt": "x", "style": "chart", "part": {"kind": "bar", "values": "no"}}, "values"),
        (7, "int"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_is_written(wish: object, words: str, tmp_path: Path) -> None:
    with Limner(model="", embeddings="", home=tmp_path / "home") as app:
        with pytest.raises(InputError, match=words):
            app.draw(wish)  # type: ignore[arg-type]
        assert not (tmp_path / "home" / "runs").exists()


def test_a_quotation_needs_only_its_words(limner: Call) -> None:
    made = limner("draw", "Mend it twice.", "--style", "quote", "--out", "q.png", "--json").json
    assert json.dumps(made["output"]["alt"]).count("Mend it twice.") == 1


def test_a_signed_picture_says_by_whom_until_it_is_changed(
    limner: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa")
    monkeypatch.setenv("LIMNER_PROVENANCE__SIGN", "true")
    limner("draw", "a tent", "--out", "tent.png")
    told = limner("images", "verify", "tent.png", "--json").json
    assert (told["intact"], told["signed_by"]) == (True, "Limner self-made key")
    data = bytearray(Path("tent.png").read_bytes())
    data[data.index(b"IDAT") + 3000] ^= 1
    Path("changed.png").write_bytes(data)
    told = limner("images", "verify", "changed.png", "--json").json
    assert (told["intact"], told["signed_by"]) == (False, None)


def test_a_certificate_without_its_key_is_a_wrong_setting(
    limner: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa")
    monkeypatch.setenv("LIMNER_PROVENANCE__SIGN", "true")
    monkeypatch.setenv("LIMNER_PROVENANCE__KEY", "key.pem")
    done = limner("draw", "a tent", "--json")
    assert done.code == 2 and done.json["error"]["code"] == "settings"


def test_a_pipeline_named_by_its_folder_makes_the_picture(limner: Call, tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    folder = random_pipeline(tmp_path / "noise", side=32)
    made = limner("draw", "a red boat", "--images", f"path:{folder}", "--out", "boat.png", "--json").json
    output = made["output"]
    assert (output["source"], output["model"], output["width"]) == ("model", "noise", 64)
    told = limner("images", "verify", "boat.png", "--json").json
    assert (told["intact"], told["made_by"], told["model"]) == (True, "model", "noise")
