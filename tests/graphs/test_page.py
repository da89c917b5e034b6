"""The page: whole in one file, safe from its documents, and open about who made each sentence."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from limner.graphs.articles import page as page_package
from limner.graphs.articles.article import Article, Citation, Section, Sentence, Table
from limner.graphs.articles.page import to_html

Receipt = list[dict[str, Any]]
VOID = {"meta", "img"}


class Parsed(HTMLParser):
    """The tags of a page with their attributes and texts; every tag must be closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[int] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.texts[len(self.tags) - 1] = ""
        if tag not in VOID:
            self._open.append(len(self.tags) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for number in self._open:
            self.texts[number] += data

    def find(self, tag: str, **wanted: str) -> list[tuple[dict[str, str], str]]:
        """Attributes and text of the tags that have what is wanted."""
        return [
            (attrs, self.texts[number])
            for number, (name, attrs) in enumerate(self.tags)
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]

    def sentences(self) -> list[tuple[dict[str, str], str]]:
        return [found for found in self.find("a") if found[0].get("id", "").startswith("s")]


def test_the_page_loads_nothing_and_runs_only_its_own_script(article: Article, receipt: Receipt) -> None:
    page = to_html(article, receipt, "en")
    parsed = Parsed(page)
    for _, attrs in parsed.tags:
        assert not any(name.startswith("on") or name == "style" for name in attrs)
        assert attrs.get("src", "data:").startswith("data:")
        assert attrs.get("href", "#").startswith("#")
    ((policy, _),) = parsed.find("meta", **{"http-equiv": "Content-Security-Policy"})
    assert "default-src 'none'" in policy["content"] and "unsafe" not in policy["content"]
    for tag in ("style", "script"):
        ((_, text),) = parsed.find(tag)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy["content"]
        assert "url(" not in text and "@import" not in text


def test_every_sentence_opens_its_source_and_says_who_made_it(article: Article, receipt: Receipt) -> None:
    parsed = Parsed(to_html(article, receipt, "en"))
    given = [s for section in article.sections for s in section.sentences]
    for sentence, (attrs, text) in zip(given, parsed.sentences(), strict=True):
        assert text.startswith(sentence.text)
        assert attrs["href"].removeprefix("#") in {other.get("id") for _, other in parsed.tags}
    made = [attrs["data-made"].removeprefix("This sentence was ") for attrs, _ in parsed.sentences()]
    assert made == [
        "taken over by rule. It claims nothing, so it cites nothing.",
        "chosen by the model, word for word from the source.",
        "chosen by rule, word for word from the source.",
        *["written by the model and checked against the source."] * 3,
        "chosen by the model, word for word from the source.",
    ]
    assert parsed.sentences()[-1][0]["data-sources"] == "1 2"


def test_the_words_that_a_sentence_rests_on_are_marked_in_the_passage(
    article: Article, receipt: Receipt
) -> None:
    parsed = Parsed(to_html(article, receipt, "en"))
    marked = {attrs["data-for"]: text for attrs, text in parsed.find("mark")}
    assert marked["2"] == "Pack the boots in their box."
    assert marked["3 4"] == "Attach the label that came\nwith the order."
    assert marked["5 7"] == "Refunds take 5 days."
    assert parsed.find("li", id="source-1")[0][1].endswith(article.citations[0].quote)


def test_a_mark_stands_only_where_the_source_or_the_maker_changes(article: Article, receipt: Receipt) -> None:
    parsed = Parsed(to_html(article, receipt, "en"))
    texts = [text for _, text in parsed.sentences()]
    assert texts[3] == "Attach the label that came with the order, always."
    assert texts[4] == "Money is refunded in 5 days. source 1"
    assert texts[6] == "Refunds take 5 days. source 1,2"


def test_lists_tables_and_pictures_stand_where_they_belong(article: Article, receipt: Receipt) -> None:
    page = to_html(article, receipt, "en")
    parsed = Parsed(page)
    assert parsed.find("html", **{"class": "how-to"})
    ((_, steps),) = parsed.find("ol", **{"class": "steps"})
    assert "Pack the boots" in steps and "Refunds" not in steps
    assert "Refunds take 5 days." in parsed.find("ul", **{"class": "items"})[0][1]
    assert [text for _, text in parsed.find("th", scope="col")][:2] == ["Product", "Price"]
    assert [text for _, text in parsed.find("th", scope="row")][:2] == ["Boots", "Gloves"]
    assert [text for _, text in parsed.find("td", **{"class": "n"})][:2] == ["$189", "$79"]
    assert page.index("Picture 0") < page.index("<h1>") < page.index("Send the parcel</h2>")
    assert page.index("Send the parcel</h2>") < page.index("Picture 1") < page.index("Do this.")
    assert "Picture made by the image model painter" in page
    assert page.index("The money</h2>") < page.index("Prices </span>") < page.index("Boots cost more.")
    (table,) = article.sections[1].tables
    last = replace(article.sections[1], tables=(replace(table, before=9),))
    later = to_html(replace(article, sections=(article.sections[0], last)), receipt, "en")
    assert later.index("Boots cost more.") < later.index("Prices </span>")


def test_only_a_long_article_has_contents(article: Article, receipt: Receipt) -> None:
    assert "<nav" not in to_html(article, receipt, "en")
    long = replace(article, sections=article.sections * 3)
    assert len(re.findall(r'<li><a href="#section-\d"', to_html(long, receipt, "en"))) == 6


def test_the_head_says_what_it_is_and_how_it_came_to_be(article: Article, receipt: Receipt) -> None:
    parsed = Parsed(to_html(article, receipt, "en"))
    named = {attrs["name"]: attrs["content"] for attrs, _ in parsed.find("meta") if "name" in attrs}
    assert parsed.find("title")[0][1] == article.title
    assert (named["description"], named["generator"]) == (article.lead, "Limner")
    assert named["digital-source-type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    by_rule = tuple(replace(s, made_by="fallback") for s in article.sections[0].sentences)
    plain = replace(article, sections=(Section("A", by_rule),), images=())
    assert 'digitalsourcetype/composite"' in to_html(plain, receipt, "en")


def test_the_receipt_is_a_table_with_its_sums(article: Article, receipt: Receipt) -> None:
    parsed = Parsed(to_html(article, receipt, "en"))
    ((_, text),) = parsed.find("details", id="receipt")
    assert "plan" in text and "selected" in text
    assert parsed.find("tfoot")[0][1] == "All steps211606.43"


def test_a_degraded_run_says_so_calmly_and_an_ungrounded_one_plainly(
    article: Article, receipt: Receipt
) -> None:
    receipt.append(receipt[1] | {"source": "fallback", "degraded": True, "reasons": ["timeout: 12 s"]})
    page = to_html(article, receipt, "en")
    assert "Made in part without the model: write." in page and "timeout: 12 s" in page
    loose = Section("A", (Sentence("Boots are dry.", (), "ungrounded", "model"),))
    page = to_html(replace(article, sections=(loose,), citations=(), grounded=False), [], "en")
    assert "<strong>Not grounded</strong>" in page and "Made in part" not in page
    assert Parsed(page).sentences()[0][0]["data-made"].endswith("; nothing in it was checked.")


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "ar-EG"])
def test_a_page_from_right_to_left_keeps_its_own_words_english(
    language: str, article: Article, receipt: Receipt
) -> None:
    parsed = Parsed(to_html(article, receipt, language))
    assert parsed.find("html", lang=language, dir="rtl")
    assert parsed.find("footer", lang="en", dir="ltr")


HOSTILE = (
    '</a><script>alert(1)</script> "onmouseover="alert(2)" {{ 7 * 7 }} \u202etxt.exe\u2066\x00 \ud800 '
    + "W" * 300
)


def hostile(article: Article) -> Article:
    sentence = Sentence(HOSTILE, ("x",), "supported", "model")
    return replace(
        article,
        title=HOSTILE,
        lead=HOSTILE,
        sections=(
            Section(
                HOSTILE,
                (sentence, replace(sentence, form="item", label=HOSTILE)),
                (Table(HOSTILE, (HOSTILE,) * 5, ((HOSTILE,) * 5,), ("x",)),),
            ),
        )
        * 4,
        citations=(Citation("x", HOSTILE, HOSTILE, 0, len(HOSTILE)),),
        images=tuple(replace(image, alt=HOSTILE, model=HOSTILE) for image in article.images),
        kind=HOSTILE,
    )


def test_documents_write_nothing_into_the_page_but_text(article: Article, receipt: Receipt) -> None:
    receipt[0] |= {"reasons": [HOSTILE], "degraded": True, "step": HOSTILE, "model": HOSTILE}
    page = to_html(hostile(article), receipt, "en")
    parsed = Parsed(page)
    assert len(parsed.find("script")) == 1 and "{{ 7 * 7 }}" in page
    assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)
    assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", page)
    page.encode()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium")
def test_nothing_is_wider_than_a_phone(article: Article, receipt: Receipt, tmp_path: Path) -> None:
    width = "parent.postMessage(document.documentElement.scrollWidth, '*')"
    measure = f"onload = () => {{ document.getElementById('s1').click(); {width} }}"
    page = re.sub("<meta http-equiv.*", "", to_html(hostile(article), receipt, "en"))
    (tmp_path / "page.html").write_text(page.replace("</body>", f"<script>{measure}</script></body>"))
    frame = tmp_path / "frame.html"
    frame.write_text(
        "<title></title><script>onmessage = event => { document.title = event.data }</script>"
        '<iframe src="page.html" width="400" height="800"></iframe>'
    )
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=5000"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r"<title>(\d+)</title>", shown)
    assert found is not None and int(found[1]) <= 400


def test_every_text_has_contrast_enough_in_light_and_dark() -> None:
    style = (Path(page_package.__file__).parent / "page.css").read_text()
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in style.split("}", 2)[:2])

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for scheme in (light, dark):
        assert len(scheme) == 10
        for ink in ("ink", "quiet", "link", "rule", "warn"):
            for ground in ("paper", "card", "tint", "glow") if ink == "ink" else ("paper", "card", "tint"):
                a, b = sorted((luminance(scheme[ink]), luminance(scheme[ground])))
                assert (b + 0.05) / (a + 0.05) >= 4.5, (ink, ground)
