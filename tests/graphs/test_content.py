"""The content graph: articles that are whole, true and labelled, whatever the model does."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from limner import Brief, Limner, Run
from limner.errors import InputError, ModelError
from limner.graphs.articles.article import Article, escape
from limner.models.images import ImageRequest, Picture
from limner.pictures import CardBrief, draw
from limner.retrieval import KnowledgeBase
from limner.testing import FAULTS, FaultyModel, ScriptedModel

KNOWLEDGE = Path(__file__).resolve().parents[2] / "examples" / "outfitter" / "knowledge"
BRIEF = Brief("How to return or exchange gear", sections=3, words=300, images=1, kind="how-to")


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(tmp_path_factory.mktemp("knowledge")) as base:
        base.add(KNOWLEDGE)
        yield base


def assert_valid(run: Run[Article], knowledge: KnowledgeBase, sections: int = 3) -> None:
    """Every sentence stands in a passage that it cites, and every file is there."""
    article = run.output
    assert len(article.sections) == sections
    cited = {citation.id: citation for citation in article.citations}
    for section in article.sections:
        assert section.sentences
        for sentence in section.sentences:
            assert sentence.support == "supported"
            quotes = [" ".join(cited[name].quote.split()) for name in sentence.citations]
            # "it" or "they" may stand for a name that was said just before
            said = re.sub(r"^(?:It|They) (?=[a-z])", "", sentence.text)
            assert any(said in quote for quote in quotes)
    for citation in article.citations:
        assert knowledge.text(citation.source)[citation.start : citation.end] == citation.quote
    sentences = [s.text for section in article.sections for s in section.sentences]
    assert len(set(sentences)) == len(sentences)
    for name in ("article.md", "article.html", "receipt.json", "trace.jsonl"):
        assert (run.folder / name).stat().st_size > 0
    for image in article.images:
        with Image.open(image.path) as picture:
            assert picture.size == (image.width, image.height)


def test_without_a_model_the_article_is_whole_cited_and_not_degraded(knowledge: KnowledgeBase) -> None:
    with Limner(model="", knowledge=knowledge) as app:
        run = app.write(BRIEF, deadline=60)
    assert_valid(run, knowledge)
    assert not run.degraded
    assert [image.source for image in run.output.images] == ["rendered"]
    page = Path(run.output.html_path).read_text("utf-8")
    named = dict(re.findall(r'<meta name="limner-([a-z0-9-]+)" content="([^"]*)">', page))
    assert named["models"] == "" and named["seed"] == "0" and len(named["brief-sha256"]) == 64
    assert named["sources"].split(", ") == list(dict.fromkeys(c.source for c in run.output.citations))


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_model_does_the_article_comes_in_time_and_says_so(
    fault: str, knowledge: KnowledgeBase
) -> None:
    started = time.monotonic()
    with Limner(model=FaultyModel(fault), knowledge=knowledge) as app:
        run = app.write(BRIEF, deadline=5)
    assert time.monotonic() - started < 5.5
    assert_valid(run, knowledge)
    assert run.degraded
    page = (run.folder / "article.html").read_text()
    assert "Made in part without the model" in page
    assert json.loads((run.folder / "receipt.json").read_text())["degraded"] is True
    assert all(row["reasons"] for row in run.receipt if row["degraded"])


def test_a_model_that_copies_makes_the_article_its_own(knowledge: KnowledgeBase) -> None:
    def copy(messages: Sequence[Any]) -> str:
        text = str(messages[-1].content)
        if "Copy" in text:
            lines = [line for line in text.partition("\n\n")[2].splitlines() if line]
            return "\n".join(line for line in lines if not line.startswith(("Copy", "Notes", "These")))
        return "[]"

    with Limner(model=ScriptedModel(copy), knowledge=knowledge) as app:
        run = app.write(BRIEF)
    assert_valid(run, knowledge)
    sources = {row["step"]: row["source"] for row in run.receipt}
    sources.pop("write", None)  # where the planned topics fill their sections, there is nothing to choose
    sources.pop("edit", None)  # of the length it is told where it differs from what was asked for
    assert sources == {"plan": "selected", "review": "model", "picture": "rendered"}
    made_by = [s.made_by for section in run.output.sections for s in section.sentences]
    assert made_by.count("selected") > len(made_by) / 2 and set(made_by) <= {"selected", "rendered"}


def test_a_section_with_room_takes_what_the_model_chooses(tmp_path: Path) -> None:
    parts = [
        f"## Fact {n}\n\nFact {n} is that item {n} weighs {n} kilograms. Its colour is {n} shades of blue."
        for n in range(20)
    ]
    (tmp_path / "facts.md").write_text("# Facts\n\n" + "\n\n".join(parts))

    def copy(messages: Sequence[Any]) -> str:
        text = str(messages[-1].content)
        lines = [line for line in text.splitlines() if line.startswith("Fact ")]
        return "\n".join(reversed(lines)) if lines else "[]"

    with Limner(model=ScriptedModel(copy), embeddings="", knowledge=tmp_path) as app:
        run = app.write(Brief("The weights of facts", sections=1, words=150, images=0))
    assert {row["step"]: row["source"] for row in run.receipt}["write"] == "selected"
    (section,) = run.output.sections
    assert section.title == "Facts" and len({s.label for s in section.sentences}) > 3
    made_by = [s.made_by for s in section.sentences]
    assert made_by.count("selected") > len(made_by) / 2 and set(made_by) <= {"selected", "rendered"}


def test_the_same_brief_and_seed_give_the_same_bytes(knowledge: KnowledgeBase) -> None:
    def files(run: Run[Article]) -> list[bytes]:
        page = re.sub(rb"\d+\.\d\d</td>", b"", (run.folder / "article.html").read_bytes())
        return [(run.folder / "article.md").read_bytes(), page, Path(run.output.images[0].path).read_bytes()]

    with Limner(model="", knowledge=knowledge) as app:
        first, second, other = (app.write(BRIEF, seed=seed) for seed in (7, 7, 8))
    assert files(first) == files(second)
    assert files(first)[2] != files(other)[2]


def test_text_without_documents_is_labelled_everywhere() -> None:
    with Limner(model=ScriptedModel(["Boots keep feet dry. They last."]), embeddings="") as app:
        run = app.write("Boots", ungrounded=True)
    assert not run.output.grounded
    assert {s.support for section in run.output.sections for s in section.sentences} == {"ungrounded"}
    for name in ("article.md", "article.html"):
        assert "Not grounded" in (run.folder / name).read_text()


def test_without_documents_and_without_leave_nothing_is_begun(home: Path) -> None:
    with Limner(model="", embeddings="") as app, pytest.raises(InputError, match="--ungrounded"):
        app.write("Boots")
    assert not (home / "runs").exists()


def test_the_stored_knowledge_base_serves_where_none_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Boots\n\nBoots are waterproof up to the ankle. Boots weigh 900 grams a pair."
    )
    with Limner(model="", embeddings="") as app:
        app.knowledge.add(tmp_path)
        run = app.write(Brief("Boots", sections=1, images=0))
    assert run.output.citations[0].source == "a.md"


def test_documents_cannot_write_into_the_page(tmp_path: Path) -> None:
    hostile = 'Boots <script>alert(1)</script> cost "$5" & more, so [click](javascript:alert(2)) now.'
    (tmp_path / "evil.md").write_text(f"# Boots <img src=x onerror=alert(3)>\n\n{hostile}\n")
    with Limner(model="", embeddings="", knowledge=tmp_path) as app:
        run = app.write(Brief("Boots <b>bold</b>", sections=1, images=1))
    page = (run.folder / "article.html").read_text()
    body = page[page.index("<body>") : page.index("<script>\n")]
    assert "<script>alert" not in body and "<img src=x" not in body and "<b>bold" not in body
    assert "<script>alert(1)</script>" in html.unescape(body)
    assert "<script>" not in (run.folder / "article.md").read_text().replace("\\<script\\>", "")


def test_text_that_begins_like_a_list_is_read_as_it_stands() -> None:
    said = ["1. Open the page.", "2) Print it.", "- off", "# one", "1.5 m wide", "2026 was dry"]
    escaped = ["1\\. Open the page.", "2\\) Print it.", "\\- off", "\\# one", "1.5 m wide", "2026 was dry"]
    assert [escape(text) for text in said] == escaped


def test_a_document_that_asks_for_more_sections_than_it_fills_still_gives_an_article(tmp_path: Path) -> None:
    (tmp_path / "thin.txt").write_text("Boots are waterproof up to the ankle.")
    with Limner(model="", embeddings="", knowledge=tmp_path) as app:
        run = app.write(Brief("Boots", sections=12, words=4000, images=0))
    assert [s.text for section in run.output.sections for s in section.sentences] == [
        "Boots are waterproof up to the ankle."
    ]


def test_a_run_that_is_over_before_it_begins_still_has_a_result(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Boots\n\nBoots are waterproof up to the ankle.")
    started = time.monotonic()
    with Limner(model=FaultyModel("hang"), embeddings="", knowledge=tmp_path) as app:
        run = app.write(Brief("Boots", images=0), deadline=0.001)
    assert time.monotonic() - started < 0.5 + 0.5
    assert (run.status, run.degraded) == ("completed", True)
    assert (run.folder / "article.html").exists()


def test_no_run_opens_a_socket(knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with Limner(model=ScriptedModel(["x"]), knowledge=knowledge) as app:
        assert_valid(app.write(BRIEF, deadline=30), knowledge)


class Painter:
    """An image model that paints, or fails."""

    model_name = "painter"

    def __init__(self, fault: Exception | None = None, colour: str = "") -> None:
        self.fault, self.colour = fault, colour

    def generate(self, requests: Sequence[ImageRequest], deadline: float | None = None) -> list[Picture]:
        if self.fault is not None:
            raise self.fault
        size = (requests[0].width, requests[0].height)
        made = []
        for request in requests:
            image = Image.new("RGB", size, self.colour or "white")
            if not self.colour:
                with Image.open(io.BytesIO(draw(CardBrief("Painted", seed=request.seed)).png)) as card:
                    image.paste(card.resize(size))
            made.append(Picture(image, request.seed, self.model_name))
        return made

    async def agenerate(
        self, requests: Sequence[ImageRequest], deadline: float | None = None
    ) -> list[Picture]:
        return self.generate(requests, deadline)

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("painter", "source", "reason"),
    [
        (Painter(), "model", ""),
        (Painter(ModelError("The image model failed.")), "fallback", "model: The image model failed."),
        (Painter(RuntimeError("CUDA out of memory")), "fallback", "raised: RuntimeError: CUDA out of memory"),
        (Painter(colour="grey"), "fallback", "blank: one flat colour; blank: one flat colour"),
    ],
    ids=["paints", "fails", "out of memory", "blank"],
)
def test_pictures_are_there_and_say_who_made_them(
    painter: Painter, source: str, reason: str, knowledge: KnowledgeBase
) -> None:
    with Limner(model="", images=painter, knowledge=knowledge) as app:
        run = app.write(Brief("Returns", sections=2, words=150, images=2))
    rows = [row for row in run.receipt if row["step"] == "picture"]
    assert [row["source"] for row in rows] == [source] * 2
    assert ["; ".join(row["reasons"]) for row in rows] == [reason] * 2
    assert run.degraded == (source == "fallback")
    assert [image.source for image in run.output.images] == [source] * 2
    with Image.open(run.output.images[0].path) as picture:
        made = json.loads(picture.info["limner"])
    assert made["made_by"] == ("model" if source == "model" else "renderer")


def test_a_missing_embedding_model_degrades_the_run_and_words_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text(
        "# Boots\n\nBoots are waterproof up to the ankle. Boots weigh 900 grams a pair."
    )
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path / "empty-store"))
    with Limner(model="", knowledge=tmp_path / "a.md") as app:
        run = app.write(Brief("Boots", sections=1, images=0))
    assert run.degraded
    assert run.receipt[0]["step"] == "retrieve"
    assert "all-minilm-l6-v2" in run.receipt[0]["reasons"][0]
    assert run.output.sections[0].sentences


def test_a_missing_image_model_degrades_the_pictures_and_not_the_run(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with Limner(model="", images="hf:nobody/no-such-pipeline", knowledge=knowledge) as app:
        run = app.write(Brief("Returns", sections=2, words=150, images=1), deadline=60)
    (row,) = [row for row in run.receipt if row["step"] == "picture"]
    assert (row["source"], run.degraded, run.status) == ("fallback", True, "completed")
    assert "no-such-pipeline" in row["reasons"][0]


def test_many_sections_without_documents_have_titles_of_their_own() -> None:
    with Limner(model=ScriptedModel(lambda m: f"A thought on {hash(m[-1].content)}."), embeddings="") as app:
        run = app.write(Brief("Boots", sections=9, images=0), ungrounded=True)
    titles = [section.title for section in run.output.sections]
    assert len(titles) == len(set(titles)) == 9


def test_a_table_of_numbers_becomes_a_chart_that_names_its_source(tmp_path: Path) -> None:
    rows = "| Tent | Weight |\n|---|---|\n| Lantern | 2 kg |\n| Ridge | 3 kg |\n| Dome | 5 kg |"
    (tmp_path / "tents.md").write_text(
        f"# Tents\n\n## Weights of tents\n\nTents are weighed dry.\n\n{rows}\n"
    )
    painter = Painter()
    with Limner(model="", embeddings="", images=painter, knowledge=tmp_path / "tents.md") as app:
        run = app.write(Brief("Weights of tents", sections=1, words=150, images=2))
    assert [image.source for image in run.output.images] == ["model", "rendered"]
    assert not run.degraded
    assert run.output.images[1].alt.endswith(
        "Lantern: 2\u00a0kg; Ridge: 3\u00a0kg; Dome: 5\u00a0kg. Source: tents.md."
    )


@pytest.mark.parametrize("fault", [pytest.param("hangs", marks=pytest.mark.slow), "out of memory"])
def test_an_image_model_at_fault_keeps_the_deadline_and_the_pictures(
    fault: str, knowledge: KnowledgeBase
) -> None:
    class Broken(Painter):
        async def agenerate(
            self, requests: Sequence[ImageRequest], deadline: float | None = None
        ) -> list[Picture]:
            if fault == "hangs":
                await asyncio.sleep(600)
            raise MemoryError("no memory")

    with Limner(model="", images=Broken(), knowledge=knowledge) as app:
        app.write(Brief("Returns", sections=1, words=150, images=1), deadline=60)
        began = time.monotonic()
        run = app.write(Brief("Returns", sections=2, words=150, images=2), deadline=12)
        spent = time.monotonic() - began
    assert spent < 12.05 and run.degraded and run.status == "completed"
    assert [image.source for image in run.output.images] == ["fallback"] * 2
    for image in run.output.images:
        assert image.alt
        with Image.open(image.path) as picture:
            assert picture.size == (image.width, image.height)


def rows(run: Run[Article], step: str) -> list[dict[str, Any]]:
    return [row for row in run.receipt if row["step"] == step]


def test_the_words_of_the_house_reach_text_titles_and_receipt(tmp_path: Path) -> None:
    (tmp_path / "boots.md").write_text(
        "# Boots\n\n## Cheap boots for walks\n\nCheap boots weigh 900 grams a pair.\n"
        "The guys mend boots on Mondays.\nBoots dry in two days.\n"
    )
    (tmp_path / "limner.toml").write_text(
        '[brand]\navoid = {cheap = "good value", guys = ""}\nuse = ["Trail Fit Promise"]\n'
    )
    with Limner(tmp_path / "limner.toml", model="", embeddings="", knowledge=tmp_path / "boots.md") as app:
        run = app.write(Brief("Boots that dry", sections=1, words=150, images=0))
    (section,) = run.output.sections
    assert section.title == "Good value boots for walks"
    assert next((s.text, s.made_by) for s in section.sentences) == (
        "Good value boots weigh 900 grams a pair.",
        "rendered",
    )
    assert "guys" not in run.output.markdown.split("## Sources")[0]
    (row,) = rows(run, "edit")
    assert row["source"] == "rendered" and not row["degraded"] and not run.degraded
    assert "brand: 'Trail Fit Promise' is not in the text" in row["reasons"]
    assert any("left out for 'guys'" in reason for reason in row["reasons"])
    assert any(reason.startswith("length: ") for reason in row["reasons"])


def test_an_article_of_the_length_asked_for_has_nothing_to_tell(tmp_path: Path) -> None:
    text = " ".join(f"Boot {n} weighs {n} grams and costs {n} euros in the shop." for n in range(12))
    (tmp_path / "boots.md").write_text(f"# Boots\n\n## Weights of boots\n\n{text}\n")
    with Limner(model="", embeddings="", knowledge=tmp_path) as app:
        run = app.write(Brief("What boots weigh", sections=1, words=150, images=0))
    assert rows(run, "edit") == []


def test_a_heading_that_names_a_point_of_the_notes_gets_its_section(tmp_path: Path) -> None:
    (tmp_path / "visits.md").write_text(
        "# Visits to the clinic\n\n## Language help\n\n"
        "Interpreters help with prescriptions at a visit to the clinic."
        " An interpreter is free for every visit to the clinic.\n"
    )
    (tmp_path / "medicine.md").write_text(
        "# Medicine\n\n## Repeat prescriptions\n\n"
        "A repeat takes two working days. It is sent to the pharmacy.\n"
    )
    brief = Brief("Visits to the clinic", sections=1, words=150, images=0, notes="Cover prescriptions.")
    with Limner(model="", embeddings="", knowledge=tmp_path) as app:
        run = app.write(brief)
    assert run.output.sections[0].title == "Repeat prescriptions"
