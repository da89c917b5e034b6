from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from limner.errors import DocumentError
from limner.retrieval.load import load, load_text, parse, stem_title
from limner.retrieval.passage import Document


def shown(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def pdf(pages: list[list[tuple[int, str]]], **options: object) -> bytes:
    """Draw pages of (font size, line)."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, **options)
    for lines in pages:
        height = 780
        for size, line in lines:
            canvas.setFont("Helvetica", size)
            canvas.drawString(60, height, line)
            height -= size + 6
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(body: str, **parts: str) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
            "word/numbering.xml": NUMBERING,
            "word/_rels/document.xml.rels": (
                f'<Relationships xmlns="{space}"><Relationship Id="r1" Type="{kind}" Target="numbering.xml"/>'
                "</Relationships>"
            ),
            **parts,
        }
    )


def epub(chapters: dict[str, str], spine: list[str] | None = None, head: str = "") -> bytes:
    items = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or list(chapters))
    return zipped(
        {
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": f'{head}<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A shop</dc:title>'
            f"<dc:language>en</dc:language></metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
            **{
                f"OPS/text/{name}.xhtml": f"<html><body>{text}</body></html>"
                for name, text in chapters.items()
            },
        }
    )


def test_markdown_is_stored_as_it_is_with_headings_above_its_blocks() -> None:
    text = "---\ntitle: Shop rules\n---\n# Returns\r\n\r\nSend *it* back.\r\n\r\n## Fees\n\n- One\n  - Two\n"
    document = parse(text.encode(), "a.md")
    assert (document.text, document.title) == (text, "Shop rules")
    assert shown(document) == [("paragraph", "Send *it* back."), ("item", "- One\n  - Two")]
    assert [block.heading for block in document.blocks] == [("Returns",), ("Returns", "Fees")]


def test_lines_and_questions_in_bold_are_headings_of_what_follows() -> None:
    text = (
        "# Kennels\n\n**Is there a trial?**\nOne night. It is paid.\n\nCats need none.\n\n"
        "**Do they get out?** Four times.\n\n## Bringing things\n\n**Food**\n\n"
        "- Label it\n\nBring **two toys** at most.\n"
    )
    document = parse(text.encode(), "a.md")
    assert [(block.heading[1:], document.text[block.start : block.end]) for block in document.blocks] == [
        (("Is there a trial?",), "One night. It is paid."),
        (("Is there a trial?",), "Cats need none."),
        (("Do they get out?",), "Four times."),
        (("Bringing things", "Food"), "- Label it"),
        (("Bringing things", "Food"), "Bring **two toys** at most."),
    ]


def test_sentences_in_bold_are_headings_where_a_section_is_made_of_them_and_stay_text() -> None:
    rules = [
        "**We load.** Nobody else does.",
        "**Pots break.** We are sorry.",
        "**No food.** Not even sweets.",
    ]
    text = "# Rules\n\n" + "\n\n".join([*rules, "Ask Oona."])
    document = parse(text.encode(), "a.md")
    assert [block.heading[1:] for block in document.blocks] == [
        ("We load",),
        ("Pots break",),
        ("No food",),
        (),
    ]
    assert [document.text[block.start : block.end] for block in document.blocks] == [*rules, "Ask Oona."]
    alone = parse(f"# Rules\n\n{rules[0]}\n\n**Note:** call first.\n".encode(), "a.md")
    assert {block.heading for block in alone.blocks} == {("Rules",)}


def test_numbered_items_of_minutes_have_headings_and_numbered_steps_have_none() -> None:
    items = "1. **Money.** We hold £400.\n\n2. **The fund.** It pays:\n   - the fee\n   - the book\n"
    document = parse(f"# Minutes of the board\n\n{items}".encode(), "a.md")
    assert [(block.heading[1:], document.text[block.start : block.end]) for block in document.blocks] == [
        (("Money",), "We hold £400."),
        (("The fund",), "It pays:\n   - the fee\n   - the book"),
    ]
    steps = parse(f"# Baking\n\n{items}".encode(), "a.md")
    assert {block.heading for block in steps.blocks} == {("Baking",)}


@pytest.mark.parametrize("name", ["rules.md", "rules.txt"])
def test_a_first_line_that_reads_as_a_title_is_the_heading_of_a_text_without_any(name: str) -> None:
    document = parse(b"POOL RULES\n\nNo glass.\n\nNo dogs on the grass.\n", name)
    assert document.title == "POOL RULES"
    said = [(block.heading, document.text[block.start : block.end]) for block in document.blocks]
    assert said == [(("POOL RULES",), "No glass."), (("POOL RULES",), "No dogs on the grass.")]


@pytest.mark.parametrize(
    "text",
    [
        "No glass.\n\nNo dogs.",
        "Dear friends\n\nThe mud is here.",
        "When: Monday\n\nBring a cake.",
        "Alone on its page\n",
        "Rules of the pool\nby the trustees\n\nNo glass.",
        "1998\n\nThe stage came down.",
    ],
)
def test_a_first_line_that_could_be_text_stays_text(text: str) -> None:
    assert all(block.heading == () for block in parse(text.encode(), "a.txt").blocks)


def test_a_page_keeps_its_main_content_with_headings_lists_and_tables() -> None:
    page = """<html><head><title>Shop</title></head><body>
    <nav><a href="/">Home</a><a href="/x">Cart</a></nav><main>
    <h1>Returns</h1><p>You can return shoes within 30 days of delivery, whatever the reason may be.</p>
    <h2>Fees</h2><ul><li>A label costs $5.95.</li></ul><table><tr><th>Size</th><th>Chest</th></tr>
    <tr><td>S</td><td>90 cm</td></tr></table></main><footer>All rights reserved</footer>
    <script>var a = "tracking";</script></body></html>"""
    document = parse(page.encode(), "a.html")
    assert "Home" not in document.text and "tracking" not in document.text
    assert ("item", "- A label costs $5.95.") in shown(document)
    assert any(block.heading[-1:] == ("Fees",) for block in document.blocks)
    assert "90 cm" in document.text


def test_a_pdf_has_pages_headings_and_whole_paragraphs() -> None:
    lines = [(20, "Returns"), (11, "You can return shoes within thirty days, if they"), (11, "are unworn.")]
    document = parse(pdf([lines, [(11, "A label costs $5.95 and is deducted.")]]), "a.pdf")
    assert shown(document) == [
        ("paragraph", "You can return shoes within thirty days, if they are unworn."),
        ("paragraph", "A label costs $5.95 and is deducted."),
    ]
    assert [(block.page, block.heading) for block in document.blocks] == [
        (1, ("Returns",)),
        (2, ("Returns",)),
    ]


def test_a_word_file_has_headings_items_and_tables() -> None:
    def paragraph(text: str, properties: str = "") -> str:
        return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Size", "Chest"))
    body = (
        paragraph("Returns", '<w:pStyle w:val="Heading1"/>')
        + paragraph("Send it back.")
        + paragraph("One thing.", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
        + f"<w:sdt><w:sdtContent>{paragraph('In a form field.')}</w:sdtContent></w:sdt>"
        + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    )
    document = parse(docx(body), "a.docx")
    assert shown(document)[:2] == [("paragraph", "Send it back."), ("item", "- One thing.")]
    assert document.blocks[0].heading == ("Returns",)
    assert "In a form field." in document.text and "| Size | Chest |" in document.text


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    chapters = {
        "two": "<h1>Fees</h1><p>A label costs $5.95.</p>",
        "one": "<h1>Returns</h1><p>Send it back.</p>",
    }
    document = parse(epub(chapters, ["one", "two"]), "a.epub")
    assert [block.heading for block in document.blocks] == [("Returns",), ("Fees",)]
    assert (document.title, document.metadata) == ("A shop", {"language": "en"})


def test_front_matter_is_kept_as_metadata_as_far_as_it_is_flat() -> None:
    fields = "title: Shop\nyear: 2024\ntags: [a, b]\nday: 2024-05-01\nbad: {x: 1}\nsource: forged\n"
    document = parse(f"---\n{fields}---\nSend it back.\n".encode(), "a.md")
    assert document.metadata == {"year": 2024, "tags": ["a", "b"], "day": "2024-05-01"}
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*a, *a]\n" for c in "bcdefgh")
    assert parse(f"---\n{bomb}---\nText here.\n".encode(), "a.md").metadata == {"a": ["x", "x"]}


def test_each_row_of_a_table_reads_on_its_own() -> None:
    document = parse(b'name,price_usd,note\n"Mug, blue",12,\nPlate,8.50,"two\nlines"\n', "a.csv")
    assert shown(document) == [
        ("row", "name: Mug, blue; price_usd: 12"),
        ("row", "name: Plate; price_usd: 8.50; note: two lines"),
    ]


@pytest.mark.parametrize(("name", "data"), [("a.tsv", b"a\tb\n1\t2\n"), ("a.csv", b"a;b\n1;2\n")])
def test_separators_are_told_from_the_header(name: str, data: bytes) -> None:
    assert shown(parse(data, name)) == [("row", "a: 1; b: 2")]


def test_records_have_a_line_for_short_values_and_prose_for_long_ones() -> None:
    record = {"title": "Gift cards", "ok": True, "tags": ["a", "b"], "text": "They never expire. " * 10}
    document = parse(json.dumps(record).encode() + b"\n", "a.jsonl")
    assert shown(document)[0] == ("row", "title: Gift cards; ok: yes; tags: a, b")
    assert document.blocks[1].heading == ("Gift cards",)


@pytest.mark.parametrize(
    "data",
    ["Größe: 5 €".encode(), "Größe: 5 €".encode("utf-8-sig"), "Größe: 5 €".encode("utf-16")],
    ids=["utf-8", "with a mark", "utf-16"],
)
def test_encodings_are_told(data: bytes) -> None:
    assert parse(data, "a.txt").text == "Größe: 5 €"


def test_an_old_encoding_is_guessed() -> None:
    text = "Die Größe der Straße wäre für Käufer schön. " * 20
    assert parse(text.encode("cp1252"), "a.txt").text == text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "empty"),
        ("a.md", b" \n\t", "empty"),
        ("a.txt", bytes(range(256)) * 4, "binary"),
        ("a.md", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.pdf", b"%PDF-1.4 nonsense", "not a readable PDF"),
        ("a.pdf", pdf([[(11, "Secret")]], encrypt="word"), "password"),
        ("a.pdf", pdf([[]]), "no text"),
        ("a.html", b"<html><body></body></html>", "no readable text"),
        ("a.csv", b"only,a,header\n", "no row"),
        ("a.jsonl", b'{"a": 1}\n{broken\n', "line 2"),
        ("a.jsonl", b"[" * 100_000, "not JSON"),
        ("a.docx", b"PK nonsense", "damaged or encrypted"),
        ("a.docx", zipped({"word/document.xml": b"<w:document"}), "not a readable DOCX"),
        ("a.docx", docx("", **{"word/extra.xml": '<!DOCTYPE x [<!ENTITY a "b">]>'}), "entities"),
        ("a.docx", docx("", **{"word/extra.xml": " " * 60_000_000}), "unpacks to 60 MB"),
        ("a.epub", epub({"one": " " * 60_000_000}), "unpacks to 60 MB"),
        ("a.epub", epub({"one": "<p>x</p>"}, head='<!DOCTYPE x [<!ENTITY a "b">]>'), "entities"),
        ("a.epub", zipped({"mimetype": "application/epub+zip"}), "damaged"),
        ("a.md", b"# Only a title\n", "no readable text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_said(name: str, data: bytes, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        parse(data, name)


def test_a_document_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"word " * 1000)
    with pytest.raises(DocumentError, match=r"limit is 0\.001 MB"):
        load(path, "a.txt", max_mb=0.001)


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    "unit",
    ["word ", *(pytest.param(unit, marks=pytest.mark.slow) for unit in ("x", "[", "* ", "Sentence one. "))],
    ids=repr,
)
def test_ten_megabytes_in_one_line_do_not_hang(name: str, unit: str) -> None:
    from limner.retrieval.split import split

    began = time.monotonic()
    document = parse((unit * (10_000_000 // len(unit)) + " end").encode(), name)
    split(document)
    assert time.monotonic() - began < 120


@given(st.text(max_size=400))
def test_blocks_are_spans_of_the_text_apart_and_in_order(text: str) -> None:
    try:
        document = load_text(text, "x")
    except DocumentError:
        return
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end <= len(document.text)
        end = block.end


def test_an_id_that_no_one_reads_is_no_title() -> None:
    assert stem_title("docs/gift-cards.md") == "gift cards"
    assert stem_title("ece61753-587c-458b-8fd1-9cc1b88c688f") == ""
    assert stem_title("2026-11.md") == ""
