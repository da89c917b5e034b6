"""The rules that a sentence must pass against the sentences of its source, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from . import (
    additions,
    bounds,
    cases,
    conditions,
    crossing,
    exchanges,
    facts,
    opposites,
    order,
    rates,
    roles,
    sequence,
    stance,
)
from .claim import Claim
from .evidence import Evidence, Fault

_CLAUSE = 2
"""Content words and numbers that make a clause a claim of its own."""
Rule = Callable[[Claim, Evidence], Fault | None]
RULES: tuple[Rule, ...] = (
    facts.numbers,
    facts.codes,
    facts.names,
    rates.rates,
    rates.moments,
    bounds.bounds,
    bounds.exact,
    conditions.modality,
    exchanges.replaced,
    exchanges.relocated,
    exchanges.edited,
    opposites.kinds,
    opposites.antonyms,
    stance.copied,
    stance.negation,
    rates.displaced,
    crossing.crossed,
    crossing.usurped,
    sequence.ordered,
    order.swapped,
    roles.agents,
    roles.roles,
    roles.subject,
    conditions.conditions,
    cases.narrowed,
    cases.dropped,
    cases.turned,
    cases.alternative,
    cases.conceded,
    cases.either,
    cases.borrowed,
    bounds.quantifiers,
    bounds.compared,
    bounds.limits,
    sequence.reasons,
    additions.new_words,
)
"""In the order in which a fault is most telling."""
STATED = (facts.numbers, facts.codes, facts.names, rates.rates, rates.moments)
"""Those about figures, dates and names, which no other words excuse."""


def first_fault(claim: Claim, evidence: Evidence, rules: Sequence[Rule] = RULES) -> Fault | None:
    """Return the fault of the first rule that finds one, or None: the claim is supported."""
    # A fault of one clause hides behind the words of the other: each is held against the source, too.
    clauses = [part for part in claim.parts if len(part.items) >= _CLAUSE and part.text != claim.text]
    apart = replace(evidence, kept=claim.conditions, clause=True)
    for each in [claim, *clauses]:
        for rule in rules:
            fault = rule(each, evidence if each is claim else apart)
            if fault is not None:
                return fault
    return None
