"""The article as a PDF: the same text as the page, tagged, and the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pypdfium2 as pdfium
import pytest

from limner.graphs.articles.article import Article, Citation, Section, Sentence
from limner.graphs.articles.pdf import to_pdf

Receipt = list[dict[str, Any]]


def text_of(made: bytes) -> str:
    """All text, on one line."""
    with pdfium.PdfDocument(made) as document:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    return " ".join(" ".join(pages).split())


def test_the_pdf_holds_the_article_its_sources_and_its_receipt(article: Article, receipt: Receipt) -> None:
    text = text_of(to_pdf(article, receipt, "en"))
    for wanted in (article.title, article.lead, "Send the parcel", "Boots cost more.", "$189", "returns.md"):
        assert wanted in text
    assert "Attach the label that came with the order." in text
    assert "Picture made by the image model painter" in text
    assert "3 sentences written by the model, then checked" in text
    assert "plan selected 1 580 3.21" in text
    assert re.search(r"1 / \d", text)


def test_it_is_a4_tagged_accessible_and_without_a_date(article: Article, receipt: Receipt) -> None:
    made = to_pdf(article, receipt, "en-GB")
    with pdfium.PdfDocument(made) as document:
        meta = document.get_metadata_dict(skip_empty=True)
        width, height = document[0].get_size()
        assert pdfium.raw.FPDFCatalog_IsTagged(document)
    assert (meta["Title"], meta["Author"]) == (article.title, "Limner")
    assert "CreationDate" not in meta and "ModDate" not in meta
    assert (round(width), round(height)) == (595, 842)
    assert b"pdfuaid" in made and b"en-GB" in made


def test_the_same_input_gives_the_same_bytes(article: Article, receipt: Receipt) -> None:
    assert to_pdf(article, receipt, "en") == to_pdf(article, receipt, "en")


def test_text_is_never_markup(article: Article, receipt: Receipt) -> None:
    hostile = '#panic("x") *bold* $x^2$ @ref <label> \\ // ` [x] </script> \u202eevil\x00 \ud800 ' + "W" * 300
    sentence = Sentence(hostile, ("x",), "supported", "model")
    evil = replace(
        article,
        title=hostile,
        sections=(Section(hostile, (sentence, replace(sentence, form="step"))),),
        citations=(Citation("x", hostile, hostile, 0, 9),),
        kind="faq",
    )
    receipt[0] |= {"reasons": [hostile], "degraded": True}
    text = text_of(to_pdf(evil, receipt, "en"))
    assert text.count('#panic("x") *bold* $x^2$ @ref <label>') >= 5
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("language", "text"), [("ar", "يمكن إرجاع المنتج."), ("ja", "返品できます。"), ("he", "שלום עולם.")]
)
def test_any_script_is_set(language: str, text: str, article: Article, receipt: Receipt) -> None:
    section = Section(text, (Sentence(text, ("x",), "supported", "selected"),))
    other = replace(article, title=text, sections=(section,), citations=(Citation("x", "a.md", text, 0, 9),))
    assert to_pdf(other, receipt, language).startswith(b"%PDF")


def test_an_article_of_nothing_is_still_a_page(article: Article) -> None:
    empty = replace(article, sections=(), citations=(), images=(), lead="", grounded=False)
    assert "Not grounded" in text_of(to_pdf(empty, [], "en"))
