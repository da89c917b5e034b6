"""The end of the content graph: its state as an article, as files, and what its editor should know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...agents.articles.house_style import HouseStyle
from ...agents.articles.prose import lead_line
from ...agents.brief import Brief
from ...steps import Finding, Outcome, current
from ..folder import write_atomically
from ..resources import resources
from .article import Article, ArticleImage, Citation, Section, Sentence, Table, heading
from .page import to_html
from .pdf import to_pdf

_PRINT = 1.0
"""Seconds before the deadline without which there is no PDF: the first one takes half of that."""
_INSIDE = "{} says that it, or a part of it, is for the people of the house: nothing of that is told"
_OFF = 0.1
"""Of the words asked for, how far the text may be from them untold."""


def finish(state: dict[str, Any], folder: Path) -> Article:
    """Write article.md and article.html from whatever the state has come to."""
    brief, context = Brief(**state["brief"]), current()
    have = resources()
    written, tables = state.get("sections", {}), state.get("tables", {})
    sections = tuple(
        Section(
            plan_["title"] if have.style is None else have.style.line(plan_["title"]),
            tuple(_sentence(row) for row in written[str(number)]),
            tuple(_table(table) for table in tables.get(str(number), [])),
        )
        for number, plan_ in enumerate(state.get("outline", []))
        if written.get(str(number)) or tables.get(str(number))
    )
    opening = tuple(_sentence(row) for row in state.get("opening", []))
    marks = [s.citations for s in (*opening, *(s for section in sections for s in section.sentences))]
    marks += [table.citations for section in sections for table in section.tables]
    cited = list(dict.fromkeys(name for names in marks for name in names))
    citations: tuple[Citation, ...] = ()
    if have.knowledge is not None and cited:
        citations = tuple(
            Citation(p.id, p.source, p.text, p.start, p.end) for p in have.knowledge.passages(cited)
        )
    article = Article(
        title=heading(brief.topic),
        path=str(folder / "article.md"),
        html_path=str(folder / "article.html"),
        sections=sections,
        images=tuple(ArticleImage(**image) for image in state.get("images", [])),
        citations=citations,
        grounded=have.knowledge is not None,
        kind=brief.kind,
        lead=lead_line(brief.kind, [section.title for section in sections]),
        opening=opening,
    )
    cut = len(written) < len(state.get("outline", [None]))
    findings = _findings(brief, article, cut, state.get("remarks", {}), have.style)
    if findings:
        context.receipt.add(Outcome("edit", None, "rendered", tuple(findings)))
    write_atomically(folder / "article.md", article.markdown.encode("utf-8", "replace"))
    page = to_html(article, context.receipt.rows, brief.language, _made(brief, article))
    write_atomically(folder / "article.html", page.encode("utf-8", "replace"))
    # a run that is cut at its deadline has no time left for print
    if context.ledger.deadline - context.ledger.clock() > _PRINT:
        write_atomically(folder / "article.pdf", to_pdf(article, context.receipt.rows, brief.language))
    return article


def _findings(
    brief: Brief, article: Article, cut: bool, remarks: Mapping[str, Sequence[str]], style: HouseStyle | None
) -> list[Finding]:
    """What an editor would say of the article: its length, its sections, and the words of the house."""
    told: list[tuple[str, str]] = []
    words = article.words
    if abs(words - brief.words) > _OFF * brief.words:
        why = "rules, lists and steps stand whole"
        if words < brief.words:
            why = "time was up" if cut else "the documents hold no more that belongs to the brief"
        told.append(("length", f"{words} words of {brief.words} asked for: {why}"))
    if len(article.sections) < brief.sections and not cut:
        told.append(("sections", f"{len(article.sections)} of {brief.sections} asked for have material"))
    told += [("inside", _INSIDE.format(each)) for each in remarks.get("inside", ())]
    of_style = (each for place, each in sorted(remarks.items()) if place != "inside")
    told += [("brand", remark) for each in of_style for remark in each]
    if style is not None:
        parts = [part for s in article.sections for part in (s.title, *(said.text for said in s.sentences))]
        text = " ".join([*(said.text for said in article.opening), *parts])
        told += [("brand", f"{word!r} is not in the text") for word in style.missing(text)]
    return [Finding(code, message, "info") for code, message in told]


def _made(brief: Brief, article: Article) -> dict[str, str]:
    """How the text was made, in the words that pictures carry, too."""
    asked = json.dumps(brief.model_dump(mode="json"), sort_keys=True)
    models = {row["model"] for row in current().receipt.rows if row["model"] and row["attempts"]}
    return {
        "models": ", ".join(sorted(models)),
        "seed": str(current().seed),
        "brief-sha256": hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest(),
        "sources": ", ".join(dict.fromkeys(citation.source for citation in article.citations)),
    }


def _sentence(row: dict[str, Any]) -> Sentence:
    place = {name: row[name] for name in ("form", "paragraph", "label") if name in row}
    return Sentence(row["text"], tuple(row["citations"]), row["support"], row["made_by"], **place)


def _table(table: dict[str, Any]) -> Table:
    rows = tuple(tuple(row) for row in table["rows"])
    header, citations = tuple(table["header"]), tuple(table["citations"])
    return Table(table["caption"], header, rows, citations, table["before"])
