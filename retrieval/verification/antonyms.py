"""Which words turn a statement around when one stands where the other stood, and which are related."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from .lexicon import akin, contrary, root

_PAIRS = """
during outside; during after; during before; within outside; until after; more less; more fewer; many few;
much little; most least; before after; earlier later; above below; over under; over below; above under; up
down; high low; higher lower; highest lowest; large small; larger smaller; largest smallest; big small; long
short; longer shorter; fast slow; faster slower; early late; always never; all none; all some; every some;
everyone nobody; everything nothing; always sometimes; include exclude; accept reject; accept refuse; accept
decline; allow forbid; allow prohibit; permit prohibit; approve deny; approve reject; grant deny; increase
decrease; increase reduce; rise fall; rise drop; raise reduce; raise lower; grow shrink; gain lose; win
lose; buy sell; lend borrow; import export; open close; start end; start stop; begin end; enable disable;
add remove; attach detach; connect disconnect; lock unlock; install uninstall; accelerate slow; push pull;
send receive; give take; arrive depart; enter leave; succeed fail; success failure; true false; right wrong;
correct incorrect; legal illegal; valid invalid; free paid; full empty; full partial; full part; free
expense; free expensive; pass fail; new used; new old; hot cold; warm cool; warm cold; wet dry; strong weak;
heavy light; hard soft; easy difficult; safe dangerous; public private; domestic international; domestic
foreign; national international; inside outside; indoor outdoor; internal external; online offline; manual
automatic; manually automatically; minimum maximum; required optional; mandatory optional; temporary
permanent; cheap expensive; first last; north south; east west; northern southern; eastern western; left
right; male female; majority minority; support oppose; agree disagree; love hate; positive negative; day
night; daily weekly; weekly monthly; monthly yearly; monthly annual; weekday weekend; credit debit; deposit
withdraw; create destroy; expand contract; presence absence; present absent; same different; together
separately; single multiple; near far; front back; top bottom; deep shallow; thick thin; wide narrow; rich
poor; young old; alive dead; healthy sick; clean dirty; visible hidden; active inactive; upper lower; praise
criticise; praise criticize; praise blame; tender tough; raw cooked; sweet sour; rough smooth; loud quiet;
louder quieter; noisy quiet; bright dark; light dark; lighter heavier; lighter darker; sharp blunt; simple
complex; simple complicated; common rare; often rarely; often seldom; frequently rarely; usually rarely;
always rarely; ancient modern; summer winter; spring autumn; morning evening; morning afternoon; dawn dusk;
victory defeat; profit loss; gain loss; asset liability; income expense; supply demand; ascend descend;
float sink; melt freeze; attract repel; absorb emit; absorb release; inhale exhale; acknowledge deny; admit
deny; confirm deny; encourage discourage; improve worsen; better worse; best worst; strengthen weaken; widen
narrow; lengthen shorten; extend shorten; tighten loosen; tight loose; fasten loosen; insert remove; load
unload; arrival departure; entrance exit; guilty innocent; peace war; birth death; born died; marry divorce;
fat thin; deeper shallower; nearest farthest; nearest furthest; closest farthest; upstairs downstairs;
forward backward; forwards backwards; clockwise anticlockwise; clockwise counterclockwise; vertical
horizontal; odd even; natural artificial; natural synthetic; solid liquid; acid alkaline; fresh stale; fresh
frozen; wild domesticated; urban rural; local remote; local global; voluntary compulsory; voluntary
mandatory; compulsory optional; fixed variable; exact approximate; direct indirect; past future; previous
next; former latter; latest earliest; newest oldest; youngest oldest; younger older; newer older; brighter
darker; cheaper dearer; stronger weaker; harder softer; harder easier; thicker thinner; wider narrower;
warmer cooler; warmer colder; hotter cooler; hotter colder; richer poorer; greater smaller; bigger smaller;
superior inferior; major minor; decline grow; decline rise; decline increase; decline gain; upload download;
encrypt decrypt; hire dismiss; appoint dismiss; promote demote; taxable exempt; exempt liable; save waste;
save spend; protect damage; ignore heed; tough soft; crisp soggy; ripe unripe; bitter sweet; double halve;
whole part; entire part; moving still; opponent supporter; rarely regularly; remember forget; reveal
conceal; reveal hide; raise bury; borrow return; teach learn; attack defend; arrive miss; appear disappear;
appear vanish; damage repair; dirty clean; drain fill; empty fill; forget remember; gather scatter; hope
fear; hurry delay; invite exclude; knot untie; laugh cry; mend break; refuse agree; refuse consent; seldom
always; shout whisper; tie untie; unite divide; unite separate; join leave; join separate; welcome refuse;
win lose; worsen improve; fail work; near away; close away; heat cool; warm chill; found dissolve; establish
dissolve; force voluntary; oblige voluntary; compel voluntary; original copy; genuine fake; real fake
"""
_KINDS = """
red orange yellow green blue purple violet pink brown black white grey gray; monday tuesday wednesday
thursday friday saturday sunday; spring summer autumn winter; north south east west northern southern
eastern western; gold silver copper iron steel tin lead zinc aluminium bronze; breakfast lunch dinner; email
telephone post fax sms; oral nasal topical; hourly daily weekly fortnightly monthly quarterly yearly;
kindergarten primary secondary university; bachelor master doctorate; bicycle car bus train tram ferry
plane; cash cheque card; water milk juice wine beer coffee tea; butter oil margarine lard; cotton wool silk
linen leather; oak pine beech maple; catholic protestant muslim jewish hindu buddhist; europe asia africa
america australia
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
_BUILT_ON = 5
"""Letters of a stem on which another word may be built."""


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in _PAIRS.replace("\n", " ").split(";"):
        one, two = (root(word) for word in pair.split())
        table.setdefault(one, set()).add(two)
        table.setdefault(two, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


@lru_cache(maxsize=8192)
def opposites(found: str) -> frozenset[str]:
    """Return the stems that mean the opposite of a stem, as far as the lists know."""
    return _opposites().get(found, frozenset()) | contrary(found)


@lru_cache(maxsize=1)
def _siblings() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for row in _KINDS.replace("\n", " ").split(";"):
        members = frozenset(root(word) for word in row.split())
        for member in members:
            table[member] = members - {member} | table.get(member, frozenset())
    return table


def siblings(found: str) -> frozenset[str]:
    """Return the stems of other things of the same kind, which exclude one another: red and green."""
    return _siblings().get(found, frozenset())


@lru_cache(maxsize=65536)
def negates_by_prefix(one: str, two: str) -> bool:
    """Tell whether two words differ by a negating prefix alone: paid and unpaid."""
    shorter, longer = sorted((one, two), key=len)
    if len(shorter) < _SHORTEST or shorter in _NO_OPPOSITES:
        return False
    return any(longer in (prefix + shorter, prefix + shorter.removesuffix("e")) for prefix in _PREFIXES)


def related(found: str, near: Collection[str]) -> bool:
    """Tell whether a stem means the same as one of a source, or is built on it: photo and photography.

    An opposite is not new either: other rules see to it that one of the two is denied.
    """
    given = set(near)
    return bool((akin(found) | opposites(found)) & given) or any(
        min(len(found), len(other)) >= _BUILT_ON and (found.startswith(other) or other.startswith(found))
        for other in given
    )


def covers(mine: Collection[str], wanted: Collection[str], share: float) -> bool:
    """Tell whether a share of some words is there, in these words or others."""
    return sum(found in mine or related(found, mine) for found in wanted) >= share * len(wanted)
