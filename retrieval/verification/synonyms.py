"""Words that may stand for one another, and words that say little: what a paraphrase may change."""

from __future__ import annotations

from functools import lru_cache

from ..terms import stem

_GROUPS = """
phone telephone call; photo photograph photography picture; register enrol enroll sign; refund reimburse
repay; begin start commence; end finish; buy purchase; cost price fee; need require; help assist; keep
retain; get receive obtain; allow permit tolerate; child kid youngster; doctor physician; vehicle automobile;
big large; fast quick rapid; choose pick select; repair fix mend; mistake error; delete erase; employee staff
worker personnel; customer client; shop store; trip journey voyage crossing; film movie; house home; whole
entire complete; build construct erect; use employ utilize utilise; show display exhibit; happen occur;
reply answer respond; hurt injure wound; tell inform notify; speak talk; ill sick; kill die; medicine
medication drug; near nearby; annual yearly; usual typical normal; reduce lower decrease cut; increase raise
boost; fall drop decline; rise climb; transform turn convert; send ship dispatch; rule regulation; road
street; town city; company firm; chief head leader lead; oversee supervise; prohibit ban forbid; exclude
omit; stop cease halt; throw hurl; last continue; hold contain include; postpone delay defer; cancel
terminate; examine inspect check; alter change modify; leave depart; assure guarantee; protect safeguard;
destroy ruin demolish; win beat defeat; mainly mostly chiefly primarily; about approximately roughly around;
quit resign; inhabitant resident; lorry truck; lift elevator; holiday vacation; autumn fall; petrol
gasoline; shut close; free complimentary; gift present; amount sum; area region; aim goal purpose; attempt
try; danger hazard; eat consume; enough sufficient; fire blaze; grow expand; hint tip; injury wound; kit
set; liquid fluid; meal dish; nowadays currently today; opportunity chance; own possess; next following;
part portion piece; place location site; quiet silent; rubbish garbage trash; save store; supply provide;
journey travel; visit come; watch observe; wash clean; write record
"""
_LIGHT = """
need come came go went take took get got make made put use time way thing people person order possible
available usual usually time be become do have keep let give want like say tell know thing several own
currently still already just simply such total number amount part according policy text information
following note ensure please whose someone anyone ahead room piece whoever weigh kind type sort case
money back able various additional except unlike else somebody anybody everybody tend maximum minimum
latest beforehand
"""


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    made: dict[str, str] = {}
    for group in _GROUPS.replace("\n", " ").split(";"):
        found = [stem(word) for word in group.split()]
        # A word of two groups belongs to its first: groups do not flow together.
        first = made.get(found[0], found[0])
        for each in found:
            made.setdefault(each, first)
    return made


def canonical(found: str) -> str:
    """Return the one stem that stands for a stem and its synonyms."""
    return _canonical().get(found, found)


def root(word: str) -> str:
    """Return the stem that stands for a lower-case word and its synonyms."""
    return canonical(stem(word))


LIGHT = frozenset(root(word) for word in _LIGHT.split())
"""Stems of words that add no claim when they are new."""
