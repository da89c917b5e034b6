"""Verbs of two words brought to one: "fill in a form" is to complete it; English."""

from __future__ import annotations

import re
from functools import lru_cache

_VERBS = """
fill in: complete; fill out: complete; hand in: submit; hand over: give; carry out: perform; look over:
inspect; look after: treat; take out: remove; take off: remove; take away: remove; put off: postpone; call
off: cancel; give back: return; send back: return; take back: return; bring back: restore; go back: return;
get back: receive; pay back: refund; pick up: collect; drop off: deliver; drop out: withdraw; pull out:
withdraw; go up: rise; go down: fall; run out: expire; wear off: vanish; go away: vanish; sort out: resolve;
find out: learn; throw away: discard; throw out: discard; turn up: arrive; turn down: refuse; turn away:
refuse; look on: watch; hold off: wait; get through: pass; deal with: handle; cope with: handle; keep on:
continue; carry on: continue; go on: continue; write down: record; sign up: register; come off: leave; bring
in: deliver; hear from: receive; give up: stop; shut down: close; open up: open; free up: free; put down:
place; put up: raise; make up: form; stand for: mean; take on: accept; break down: fail; back up: save; top
up: fill; set up: establish; pass on: pass; hand out: give; let in: admit; get in: enter; come in: enter; go
over: exceed; go through: pass; move out: leave; leave out: omit
"""
_IRREGULAR = """
take took taken; give gave given; send sent sent; bring brought brought; go went gone; get got got; pay paid
paid; run ran run; wear wore worn; find found found; throw threw thrown; hold held held; deal dealt dealt;
keep kept kept; write wrote written; come came come; hear heard heard; shut shut shut; put put put; make
made made; stand stood stood; break broke broken; set set set; let let let; leave left left
"""
_PAST = {row.split()[0]: row.split()[1:] for row in _IRREGULAR.replace("\n", " ").split(";")}
_PARTICLES = frozenset("in out over after off back up down away on through with from for".split())
_PRONOUNS = frozenset("it them you me us him her".split())
_DETERMINERS = frozenset("the your his her their its a an".split())
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENDS = re.compile(
    r"\s+(?:the|an?|it|this|that|these|your|their|its|his|her|to|by|at|on|once|after|before|within|if|when|and|for|of|two|as|\d)\b"
    r"|\s*[,;.]|\s*$",
    re.IGNORECASE,
)
"""What may follow: not "in summer"."""


def _forms(verb: str) -> dict[str, str]:
    """Return the forms of a verb with the ending that each calls for."""
    base = verb[:-1] if verb.endswith("e") else verb
    doubled = verb + verb[-1] if verb in ("drop", "let", "shut", "put", "set", "run", "get", "top") else base
    past = _PAST.get(
        verb, [doubled + "ed" if not verb.endswith("y") or verb in ("pay",) else verb[:-1] + "ied"] * 2
    )
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "o")) else "s")
    third = verb[:-1] + "ies" if verb == "carry" else third
    return {verb: "", third: "s", past[0]: "ed", past[-1]: "ed", doubled + "ing": "ing"}


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], str]:
    made: dict[tuple[str, str], str] = {}
    for row in _VERBS.replace("\n", " ").split(";"):
        phrase, _, one = row.partition(":")
        verb, particle = phrase.split()
        for form, ending in _forms(verb).items():
            made[form, particle] = _ended(one.strip(), ending)
    return made


def _ended(verb: str, ending: str) -> str:
    if not ending:
        return verb
    if ending == "s":
        return verb + ("es" if verb.endswith(("s", "sh", "ch")) else "s")
    irregular = {
        "give": "given",
        "leave": "left",
        "mean": "meant",
        "fall": "fallen",
        "rise": "risen",
        "withdraw": "withdrawn",
    }
    if ending == "ed" and verb in irregular:
        return irregular[verb]
    doubled = verb + verb[-1] if verb in ("stop", "admit", "omit", "submit") else verb
    return (doubled[:-1] if verb.endswith("e") else doubled) + ending


def in_one_verb(text: str) -> str:
    """Return a text with such verbs in one word, in the same form."""
    table = _table()
    tokens = list(_TOKEN.finditer(text))
    words = [token.group().lower() for token in tokens]
    made, at = "", 0
    for place, word in enumerate(words):
        if word not in _PARTICLES or not _ENDS.match(text, tokens[place].end()):
            continue
        verb = next((back for back in _verbs(words, place) if (words[back], word) in table), None)
        if verb is None or tokens[verb].start() < at:
            continue
        made += text[at : tokens[verb].start()] + table[words[verb], word]
        made += text[tokens[verb].end() : tokens[place - 1].end()] if verb < place - 1 else ""
        at = tokens[place].end()
    return made + text[at:]


def _verbs(words: list[str], place: int) -> list[int]:
    """Return where a particle's verb may stand: right before it, or before a pronoun or a short object."""
    found = [place - 1] if place else []
    if place > 1 and words[place - 1] in _PRONOUNS:
        found.append(place - 2)
    if place > 2 and words[place - 2] in _DETERMINERS:
        found.append(place - 3)
    return found
