"""Words that turn a statement around when one stands where the other stood."""

from __future__ import annotations

from functools import lru_cache

from .terms import stem

_PAIRS = """
during outside; within outside; within after; until after; before until; more less; more fewer; many few;
much little; most least; before after; earlier later; above below; over under; up down; high low; higher
lower; highest lowest; large small; larger smaller; largest smallest; big small; long short; longer
shorter; fast slow; faster slower; early late; always never; all none; all some; every some; everyone
nobody; everything nothing; always sometimes; include exclude; accept reject; accept refuse; accept
decline; allow forbid; allow prohibit; permit prohibit; approve deny; approve reject; grant deny; increase
decrease; increase reduce; rise fall; rise drop; raise reduce; raise lower; grow shrink; gain lose; win
lose; buy sell; lend borrow; import export; open close; start end; start stop; begin end; enable disable;
add remove; attach detach; connect disconnect; lock unlock; install uninstall; accelerate slow; push pull;
send receive; give take; arrive depart; enter leave; succeed fail; success failure; true false; right
wrong; correct incorrect; legal illegal; valid invalid; free paid; full empty; full partial; new used; new
old; hot cold; warm cool; warm cold; wet dry; strong weak; heavy light; hard soft; easy difficult; safe
dangerous; public private; domestic international; domestic foreign; national international; inside
outside; indoor outdoor; internal external; online offline; manual automatic; manually automatically;
minimum maximum; required optional; mandatory optional; must may; must can; must might; temporary
permanent; cheap expensive; first last; north south; east west; northern southern; eastern western; left
right; male female; majority minority; support oppose; agree disagree; love hate; positive negative; day
night; daily weekly; weekly monthly; monthly yearly; monthly annual; weekday weekend; credit debit;
deposit withdraw; create destroy; expand contract; presence absence; present absent; same different;
together separately; single multiple; near far; front back; top bottom; deep shallow; thick thin; wide
narrow; rich poor; young old; alive dead; healthy sick; clean dirty; visible hidden; active inactive
"""
_SHORTEST = 3
"""Letters of a stem that a prefix can negate."""
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non")
# No opposites begin with these: "form" and "inform" differ.
_ALIKE = """
form port press part vent tend deed side come put take to crease stall clude volve spect sure sist quire
play card tract tribute cover cuss pose patch charge count miss order ease able ability
"""
_NO_OPPOSITES = frozenset(_ALIKE.split())


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in _PAIRS.replace("\n", " ").split(";"):
        one, two = (stem(word) for word in pair.split())
        table.setdefault(one, set()).add(two)
        table.setdefault(two, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


def opposites(found: str) -> frozenset[str]:
    """Return the stems that mean the opposite of a stem, as far as the list knows."""
    return _opposites().get(found, frozenset())


def negates_by_prefix(one: str, two: str) -> bool:
    """Tell whether two words differ by a negating prefix alone: paid and unpaid."""
    shorter, longer = sorted((one, two), key=len)
    if len(shorter) < _SHORTEST or shorter in _NO_OPPOSITES:
        return False
    return any(longer == prefix + shorter for prefix in _PREFIXES)
