"""Settings: where a value comes from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner import Limner, tool
from limner.errors import DefectError, InputError, SettingsError
from limner.settings import load_settings
from limner.testing import FaultyModel, ScriptedModel
from limner.tools import policy_of


def test_later_wins_defaults_file_environment_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "limner.toml"
    file.write_text('[model]\nname = "from-file"\nthreads = 3\n[budget]\nseconds = 7\n')
    assert load_settings(file).model.name == "from-file"
    monkeypatch.setenv("LIMNER_MODEL__NAME", "from-environment")
    settings = load_settings(file)
    assert (settings.model.name, settings.model.threads, settings.budget.seconds) == (
        "from-environment",
        3,
        7,
    )
    settings = load_settings(file, model="from-argument")
    assert (settings.model.name, settings.model.threads) == ("from-argument", 3)


def test_the_file_of_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limner.toml").write_text('images = "path:icons"\n')
    monkeypatch.chdir(tmp_path)
    assert load_settings().images.name == "path:icons"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[model]\nnmae = 'x'\n", "model.nmae"),
        ("[budget]\nseconds = 0\n", "budget.seconds"),
        ("[model]\nthreads = 'many'\n", "model.threads"),
        ("[modle]\n", "modle"),
        ("not toml", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_and_the_key_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "limner.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load_settings(file)


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings("nowhere.toml")


def test_home_as_an_argument_does_not_move_the_model_store(tmp_path: Path) -> None:
    with Limner(home=tmp_path) as app, Limner() as other:
        assert app.settings.runs_folder == tmp_path / "runs"
        assert app.settings.models_folder == other.settings.models_folder


def test_a_closed_app_says_so() -> None:
    app = Limner(model="")
    app.close()
    app.close()
    with pytest.raises(InputError, match="closed"):
        app.write("Boots", ungrounded=True)


def test_a_tool_says_what_it_may_do() -> None:
    @tool(effect=True, confirm=True)
    def cancel_order(number: str) -> str:
        """Cancel an order."""
        return f"{number} is canceled"

    policy = policy_of(cancel_order)
    assert (policy.effect, policy.confirm) == (True, True)
    assert cancel_order.invoke({"number": "7"}) == "7 is canceled"
    with pytest.raises(DefectError, match="docstring"):

        @tool()
        def nameless(number: str) -> str:
            return number


class TestScriptedModel:
    def test_rules_of_a_file_answer_by_the_first_match(self, tmp_path: Path) -> None:
        file = tmp_path / "script.json"
        file.write_text('[{"when": "boots", "say": "Dry."}, {"when": "", "say": "What?"}]')
        model = ScriptedModel.from_file(file)
        assert model.invoke("about boots").content == "Dry."
        assert model.invoke("about hats").content == "What?"
        assert [request.prompt for request in model.requests] == ["about boots", "about hats"]

    @pytest.mark.parametrize("text", ["{}", "[1]", "nonsense", '[{"when": "("}]', "[]"])
    def test_a_file_that_is_no_script_is_refused(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "script.json"
        file.write_text(text)
        with pytest.raises(InputError, match="script"):
            ScriptedModel.from_file(file)

    def test_an_unknown_fault_names_those_there_are(self) -> None:
        with pytest.raises(InputError, match="hang"):
            FaultyModel("sulk")


def test_words_of_the_house_are_a_list_or_have_others(tmp_path: Path) -> None:
    file = tmp_path / "limner.toml"
    file.write_text('[brand]\navoid = ["cheap", "guys"]\ntone = ["no-exclamations"]\n')
    assert load_settings(file).brand.avoid == {"cheap": "", "guys": ""}
    file.write_text('[brand]\navoid = {cheap = "good value"}\n')
    assert load_settings(file).brand.avoid == {"cheap": "good value"}
    for wrong in ('avoid = [""]', 'tone = ["shout"]', 'words = ["x"]'):
        file.write_text(f"[brand]\n{wrong}\n")
        with pytest.raises(SettingsError, match="brand"):
            load_settings(file)
