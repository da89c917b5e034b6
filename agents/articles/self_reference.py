"""Sentences of a document about itself, such as "this guide explains": no material for an article."""

from __future__ import annotations

import re

from ...retrieval.terms import content_stems

_POINTS = re.compile(
    r"\b(?:below|above) (?:is|are|shows?|lists?)\b"
    r"|\b(?:table|list|hours|section|chart|figure)s? (?:below|above)\b"
    r"|\bthe (?:\w+ )?(?:table|chart|figure) (?:assumes|shows|gives|lists|says)\b"
    r"|\bfollowing (?:table|list|sections?|steps|chart)\b"
    r"|\brefer to\b|\bsee (?:also|above|below)\b"
    r"|\bas (?:described|shown|explained|noted|mentioned) (?:above|below|in)\b"
    r"|\bsee (?:the )?(?:table|section|page|chart|figure)\b"
    r"|\bnext (?:number|issue|newsletter)\b"
    r"|\b(?:spring|summer|autumn|fall|winter) (?:number|issue|newsletter|edition)\b"
    r"|^(?:answers|notes|questions|tips|page|list|sheet|text)\b.*\bput together by\b"
    r"|^ask (?:us )?for a copy\W*$"
    r"|^here (?:is|are) (?:what|how|the)\b|^keep this (?:with|safe|sheet|page|leaflet|letter|somewhere)\b"
    r"|\bsend (?:me|us) your (?:news|stories|photos|pictures|contributions)\b"
    r"|\bthis (?:page|document|guide|article|section|leaflet|notice|handbook|manual|sheet)\b",
    re.IGNORECASE,
)
_ITSELF = re.compile(
    r"(?:The|This|Our) (?:[\w-]+ ){0,5}(?:guide|notes|handbook|manual|leaflet|policy|newsletter|report|page)"
    r"(?: of [A-Z][\w-]+(?: [A-Z][\w-]+)*)?\s*"
    r"(?:helps?|gives?|tells?|shows?|answers?|goes|go|lists?|covers?|contains?"
    r"|applies|apply|sets?|is for|are for)\b"
)
_DATED = re.compile(
    r"(?:[\w' -]+, )?(?:in force |valid |effective |last )?"
    r"(?:from|since|as of|updated|revised|until) (?:on )?(?:\d{1,2} )?[A-Z][a-z]+ (?:\d{1,2},? )?\d{4}\.?",
    re.IGNORECASE,
)
"""A line that only says since when a document holds."""
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*"
_SIGNED = re.compile(
    r"\W*(?:(?:(?:text|notes?|page|sheet|list|form|leaflet) )?"
    r"(?:(?-i:[Bb]y (?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    r"[A-Z][\w.]*(?: [A-Z][\w.]*)* ?(?:, [a-z ]{3,25})?\W*$)"
    r"|(?:written|compiled|checked|prepared|revised|updated|changed|drawn up|put together|edited|typed|agreed"
    r"|issued|approved|last (?:revised|updated|checked|changed|touched)) (?:and \w+ )?"
    rf"(?:(?-i:by (?:the |[A-Z]))|on \d|(?:in )?{_MONTH} \d|in [A-Z\d]|\d))"
    r"|rev(?:ision|ised)?\b\.? .*\d{4}|(?:\w+ )?version \d|.{0,40}, rev\. ?\d|(?-i:[A-Z]{2,3}), [a-z ]+\W*$)",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"(?!UK|US|EU|UN)[A-Z]{2} (?:to [a-z]|asked|reported|noted|proposed)"
    r"|(?:Agreed|Noted|Deferred|Decided)[.:](?:\W*\w+){0,3}\W*$"
)
"""In minutes, what was decided, and who is to do something or asked it, by initials."""
_MINUTES = re.compile(
    r"(?<!\d )\bminutes\b(?! (?:from|to|by|on|away|walk)\b)"
    r"|\b(?:meeting|committee|board|trustees?)(?:['’]s?)? (?:minutes|notes|meeting)\b"
    r"|\bnotes? (?:of|from) (?:\w+ ){0,2}(?:meeting|committee|board|trustees)\b"
    r"|\b(?:meeting|committee)(?:,| of| with| on|$)",
    re.IGNORECASE,
)
_ISSUE = re.compile(
    r"\b(?:news ?letters?|bulletins?|gazettes?|(?<!cover )letter(?! (?:box|guide|writing)))\b", re.IGNORECASE
)
_ROLL = re.compile(
    r"There:|(?:Present|In attendance|Attend(?:ing|ed)|Apologies|Absent|Chair)\b[^.:]{0,20}[:–—]"
    r"|Balance\W*[£$€\d]|In the bank\b"
    r"|(?:(?:Long|Short|Some|Much|Brief|Further) )?discussion\b(?: (?:of|on|about)\b.*)?\W*$"
    r"|Questions? (?:about|on|from)\b(?!.*\b(?:is|are|can|may|should|go)\b)",
    re.IGNORECASE,
)
"""Of a meeting, who was there, and that something was talked about."""
_TASK = re.compile(
    r"(?!Try|Want|Need|Remember|Thanks|Access|Entrance|Entry|How|Where|What|When|Who|Aim|Plan|Trips?|Visits?)"
    r"[A-Z][a-z]+ to [a-z]{2,}\b(?! (?:is|are|costs?|was|were|will|must|may|can)\b)"
)
"""Who is to do what: "Jean to put this in the newsletter"."""
_TALK = re.compile(
    r"\b(?:wants?|wanted|asked|wondered|worr(?:y|ies|ied)|felt|suggested|proposed|reported|thanked|apologi[sz]ed"
    r"|voted|noted|read out|minuted|puts? off|[A-Z]{2} points? out|sent apologies)\b"
)
"""Of a meeting, that things were said, and not what holds."""
_AGREED = re.compile(r"\b(?:agreed|decided|resolved|from|until)\b", re.IGNORECASE)
_LINE = 14
"""Words of a line that only says who wrote a document, and when."""
_SPEAKS_OF = re.compile(r"\b(?:explain|describe|collect|list|summari[sz]e)s?\b", re.IGNORECASE)


def about_itself(sentence: str, title: str, file: str = "") -> bool:
    """Whether a sentence speaks of its document, dates it, or points elsewhere in it.

    Args:
        sentence: Of the document.
        title: Of the document; "" where it has none.
        file: The name of its file: "minutes-july.md" holds minutes.
    """
    if _POINTS.search(sentence) or _ITSELF.match(sentence) or _DATED.fullmatch(sentence.strip()):
        return True
    if of_a_meeting(title, file) and _is_talk(sentence):
        return True
    if _ACTION.match(sentence) or (len(sentence.split()) <= _LINE and _SIGNED.match(sentence)):
        return True
    verb = _SPEAKS_OF.search(sentence)
    named = {stem for stem in content_stems(title) if not stem.isdigit()}
    if verb is None or not named:
        return False
    # the document itself is what the verb is said of, and little beside it
    told = content_stems(sentence[: verb.start()])
    subject = set(told)
    whole = len(named) > 1 and set(told[: len(named)]) == named
    return whole or 2 * len(subject & named) > max(len(subject), len(named))


def of_a_meeting(title: str, file: str = "") -> bool:
    """Whether a document is the minutes of a meeting, by its title or the name of its file."""
    return any(_MINUTES.search(each) for each in (title, _spoken(file)))


def of_a_series(title: str, file: str = "") -> bool:
    """Whether a document is one of a series, minutes or a newsletter, by its title or its file's name."""
    return of_a_meeting(title, file) or any(_ISSUE.search(each) for each in (title, _spoken(file)))


def _spoken(file: str) -> str:
    return re.sub(r"[\W_]+", " ", file.rpartition(".")[0] or file).strip()


def _is_talk(sentence: str) -> bool:
    """Whether a sentence of minutes tells a task or talk, and no decision."""
    if _TASK.match(sentence):
        return True
    return bool(_ROLL.match(sentence) or _TALK.search(sentence)) and not _AGREED.search(sentence)
