"""Headings as questions, for an FAQ: by rule, with the heading's own words."""

from __future__ import annotations

import re

from ...retrieval.terms import STOP_WORDS
from .chapters import OWN_NAME

_LONGEST = 120
"""Characters of a heading that is asked."""
_ASKS = r"(?:What|When|Where|Why|Who|Which|How(?: long| much| many| often| far| old)?)"
_IS = re.compile(
    rf"{_ASKS} (?:is|are|was|were|do|does|did|can|cannot|may|must|should|will|counts|happens|becomes)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"(?:What|Who) [a-z]+s\b(?! (?:is|are|may|must|can|will)\b)", re.IGNORECASE)
_AUXILIARY = re.compile(r"(?:Is|Are|Do|Does|Did|Can|May|Must|Should|Will|Has|Have)\b", re.IGNORECASE)
_HOW_TO = re.compile(r"How to (?P<rest>.+)", re.IGNORECASE)
_CLAUSE = re.compile(
    rf"(?P<ask>{_ASKS}) (?P<who>(?:[Tt]he |[Aa]n? |[Yy]our |[Oo]ur )?[\w' -]+?) (?:does (?P<negated>not) )?"
    r"(?P<verb>[a-z]{3,}?)(?P<s>s?)(?P<rest> (?:for|in|on|at|to|from|with|by|outside|inside) .+)?"
)
_NO_PLACE = "".join(
    rf"(?<!\b{word} )" for word in ("of", "to", "in", "on", "at", "for", "with", "from", "over")
)
_WHO = (
    r"(?!(?:many|much|long|often|far|old)\b)"
    r"(?:(?:the|an?|one|each|every|any|some|your|our|my|their|its|this|that)\b"
    rf" (?:(?!{_NO_PLACE}\b(?:the|an?|your|our)\b)[\w' -])+?"
    r"|(?:I|you|we|they|it|he|she|some\w+|any\w+|people)|(?:[\w-]+ ){0,2}?[a-z-]+s)"
)
_EMBEDDED = re.compile(
    r"(?P<ask>(?:(?:From|At|By|In|For|Until|To|With) )?(?:what|which|how|when|where|why|whom?)"
    rf"(?: (?!(?:I|you|we|they|he|she|it|that)\b)[\w-]+){{0,4}}?) (?P<who>{_WHO})"
    r" (?P<verb>can|cannot|may|might|must|should|will|would|is|are|was|were|ha(?:s|ve) to|ha(?:s|ve))"
    r"(?P<rest> .+)?",
    re.IGNORECASE,
)
"""A question within a sentence, as briefs have them: "from what age a child can come alone"."""
_WHETHER = re.compile(
    rf"whether (?P<who>{_WHO}) (?P<verb>can|may|must|should|will|is|are|ha(?:s|ve) to|needs? to)"
    r"(?P<rest> .+)",
    re.IGNORECASE,
)
_DOES = re.compile(
    rf"(?P<ask>(?:what|which [\w-]+|how|where|when|why)) (?P<who>{_WHO}(?: and {_WHO}(?: who [\w ]+?)?)?)"
    r" (?P<verb>pay|need|get|see|learn|wear|bring|cost|do|find|turn|take|offer|sell|mend|lend|keep|give)"
    r"(?P<s>s|es)?(?P<rest> .+)?",
    re.IGNORECASE,
)
_THEY = re.compile(
    r"(?P<ask>what|how(?: (?:long|much|many|often|far|early|late))?|where|when|why|which [\w-]+)"
    r" (?P<who>you|we|they|I|people) (?P<verb>(?!\w+(?:ed|ing)\b"
    r"|(?:can|may|must|do|did|are|is|was|were|have|had|will|should|would|who|that|with)\b)[a-z]{2,})"
    r"(?P<rest> .+)?",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?P<ask>what|when|where|why|whom?|which(?: [\w-]+)?|how (?:much|many|long|often|far|old|early|late))"
    r" to (?P<rest>.+)",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:do|does|did) not\b", re.IGNORECASE)
_GRANTED = re.compile(
    r"\b(?:can|may|must|should|will|allowed|permitted|due|open|closed|available|possible|paid|held)\b", re.I
)
"""Words by which "when" asks for a time; else it may name a case, "when the size is sold out"."""
_WHEN = re.compile(r"(?:When|If|Once (?=(?:you|we|they|it|the|your) )) ?(?!to\b)(?P<rest>.+)", re.IGNORECASE)
_DOING = re.compile(
    r"(?:add|apply|ask|book|borrow|bring|buy|call|cancel|care|change|check|choose|claim|clean|collect|compare"
    r"|configure|connect|contact|convert|create|delete|deploy|dispose|download|enable|exchange|export|fill|find"
    r"|fix|get|give|import|install|join|keep|learn|make|manage|measure|modify|move|open|order|pack|pay|plan|post"
    r"|prepare|prevent|print|protect|put|receive|recover|register|remove|renew|rent|repair|replace|report|request"
    r"|reserve|reset|restore|return|run|save|schedule|sell|send|set|share|ship|sign|start|stop|store|submit|take"
    r"|track|transfer|try|turn|unlock|update|upgrade|upload|use|verify|visit|wash|write) .+",
    re.IGNORECASE,
)
_GERUND = re.compile(
    r"(?P<verb>add|ask|book|borrow|bring|buy|call|cancel|chang|choos|clean|collect|earn|exchang|get|giv|install"
    r"|join|leav|mak|order|pack|pay|pick|plant|print|renew|rent|repair|report|return|send|spend|stor|tak|us|wash)"
    r"(?P<twin>[lnt])?ing (?P<rest>(?:(?:up|out|back|in) )?"
    r"(?:the|an?|your|my|our|to|there|here|it|them|points|files?|money)\b.*)",
    re.IGNORECASE,
)
_OF = re.compile(r"(?:[a-z-]+ )?[A-Za-z]{3,}(?<!s)s of .+")
_COUNTED = re.compile(
    r"(?:The|Our) (?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?:[\w-]+ )?[a-z-]+(?<!s)s"
)
"""Things that are counted: "The three tiers"."""
_TOGETHER = re.compile(r", and ")
_PLURAL = re.compile(
    r"(?!.*\b(?:and|or|of|for)\b)(?:[\w'-]+ )?(?:rules|prices|times|hours|dates|fees|rates|terms)", re.I
)
_RELATIVE = re.compile(r"(?P<who>[\w -]+s) (?:that|which|who) (?P<rest>.+)")


_PAIR = re.compile(r"[A-Z][a-z]+(?:, [A-Z][a-z]+)*,? (?:and|or|&) [A-Z][a-z]+")
"""Things side by side with capitals, "Damage and Loss"."""
_STATES = re.compile(
    r"(?P<who>(?!(?:There|It|Sometimes|How|What|When|Where|Which|Who|Why|Since|Because|Although|Though|Unless|Until|While|As|So|Whether)\b)"
    r"[A-Z][\w'-]*(?: [\w'-]+){0,4}?) (?P<verb>must|can|may|should|will|is|are) (?P<rest>(?!not\b).+)"
)
"""A heading that is a sentence."""
_INDEFINITE = re.compile(rf"^{_ASKS} (?:an?|your|our) (?:[A-Z][a-z]+ ?){{2,3}}$", re.IGNORECASE)
"""A heading in capitals that has no name in it: "What a Hire Costs"."""
_SENTENCE = re.compile(
    r"(?:We|You|I|There|It)\b|.*\b(?:must|cannot|can|may|should|will|is|are|has|have)\b"
    r"|.*\b(?:costs?|needs?|stays?|closes|opens|moves|rises) (?!and\b|or\b|of\b|for\b)\S"
)
_COSTS = re.compile(
    r"(?:our )?(?:tariff|price list|prices|charges|rates|fees|fares)(?: (?:from |since |for )?\d.*)?",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:frequently asked )?questions\b.*|what (?:people|customers|visitors) ask.*|faqs?", re.IGNORECASE
)
_ABOUT = "What about "
_MOST_WORDS = 14
"""Of a point that is asked as it is."""
_ARTICLE = re.compile(r"^(?:The|Our|Your) ")
_PRONOUN = re.compile(r"(?<=\s)(?:It|We|You|They)(?: [A-Z][a-z]+)*")
"""Within a heading in capitals: "How It Works"."""
_NAMED = re.compile(r"(?:The|Our) (?:[A-Z][\w'-]+ ?){2,4}")
_OF_ITS_DAY = re.compile(r"[\d,;–—]")
"""Is in a heading that names a case, an issue or a day: "Accident 11 January", "Minutes, upstairs room"."""
_NO_SUBJECT = re.compile(
    r"(?:A|An|The|Some|Every|Each|All|Off|On|In|At|By|For|From|To|With|Without|Under|Over|During|Until|While|If|As|And|But|Or"
    r"|What|How|Where|When|Why|Who|Which|Not|No|Only|Also|Please|This|That|These|Those)\b"
)
"""Begins what nobody asks about."""


def question(heading: str, point: str = "") -> str:
    """Ask what the text under a heading answers: "What it costs" becomes "What does it cost?".

    What cannot be asked by rule stays as it is.

    Args:
        heading: Of a document.
        point: Of a brief, that the text answers: it is asked where the heading says no question.
    """
    asked = _question(heading)
    if point and len(point.split()) <= _MOST_WORDS and (asked.startswith(_ABOUT) or not asked.endswith("?")):
        wished = _question(point)
        if wished.endswith("?") and not wished.startswith(_ABOUT):
            return wished[:1].upper() + wished[1:]
    return asked


def _question(heading: str) -> str:
    text = _INDEFINITE.sub(lambda match: match[0].lower(), " ".join(heading.split()).rstrip(" .:!"))
    text = _PRONOUN.sub(lambda match: match[0].lower(), text[:1].upper() + text[1:])
    if not text or text.endswith("?") or len(text) > _LONGEST:
        return text or heading
    if len(parts := _TOGETHER.split(text)) > 1 and all(re.match(_ASKS, part, re.I) for part in parts):
        first, *others = (question(part).rstrip("?") for part in parts)
        return ", and ".join([first, *(each[:1].lower() + each[1:] for each in others)]) + "?"
    if match := _PLURAL.fullmatch(_ARTICLE.sub("", text)):
        return f"What are the {_small(match[0])}?"
    if _ASKED.fullmatch(text):
        return "What else do people ask?"
    if match := _HOW_TO.fullmatch(text):
        return f"How do I {match['rest']}?"
    if re.match(r"New (?:this|for|in|at)\b", text):
        return f"What is {text[:1].lower()}{text[1:]}?"
    if _COSTS.fullmatch(text):
        return "What does it cost?"
    if _IS.match(text) or _AUXILIARY.match(text):
        return f"{text}?"
    if inverted := _inverted(text):
        return inverted
    if _SUBJECT.match(text):
        return f"{text}?"
    if (match := _CLAUSE.fullmatch(text)) and (match["s"] or match["negated"]):
        negated = "not " if match["negated"] else ""
        return f"{match['ask']} does {match['who']} {negated}{_base(match['verb'])}{match['rest'] or ''}?"
    if re.match(r"(?:Before|After) ", text):
        return f"What should I know {text[:1].lower()}{text[1:]}?"
    if match := _WHEN.fullmatch(text):
        return f"What happens {text[:1].lower()}{text[1:]}?"
    if match := _RELATIVE.fullmatch(text):
        return f"Which {_small(match['who'])} {match['rest']}?"
    if _DOING.fullmatch(text):
        return f"How do I {text[:1].lower()}{text[1:]}?"
    if match := _GERUND.fullmatch(text):
        return f"How do I {_infinitive(match['verb'].lower())} {match['rest']}?"
    if _COUNTED.fullmatch(text):
        return f"What are {text[:1].lower()}{text[1:]}?"
    if match := _OF.fullmatch(text):
        return f"What are the {_small(match[0])}?"
    if re.fullmatch(r"[A-Za-z]{3,}ing", text):
        return f"How does {text.lower()} work?"
    cried = heading.rstrip().endswith("!")
    match = _STATES.fullmatch(text)
    if match and not cried and match["who"] not in ("We", "I", "You"):
        return f"{match['verb'].capitalize()} {_small(match['who'])} {match['rest']}?"
    if (match := _NAMED.fullmatch(text)) and not cried:
        return f"What is {match[0][:1].lower()}{match[0][1:]}?"
    told = cried or _SENTENCE.match(text) or _NO_SUBJECT.match(text) or _OF_ITS_DAY.search(text)
    return text if told or OWN_NAME.fullmatch(text.split()[-1]) else f"{_ABOUT}{_small(text)}?"


def _inverted(text: str) -> str:
    """A question within a sentence as one by itself; "" where it is none."""
    if match := _TO.fullmatch(text):
        return f"{match['ask']} should I {match['rest'][:1].lower()}{match['rest'][1:]}?"
    if _NEGATED.search(text) or (_WHEN.match(text) and not _GRANTED.search(text)):
        return ""
    if match := _WHETHER.fullmatch(text):
        who, verb = match["who"], match["verb"].lower()
        if verb in ("have to", "need to", "has to", "needs to"):
            helper, base = ("Does" if verb.startswith(("has", "needs")) else "Do"), verb[:4].rstrip("s ")
            return f"{helper} {who} {'have' if base == 'ha' else base} to{match['rest']}?"
        return f"{verb.capitalize()} {who}{match['rest']}?"
    if match := _EMBEDDED.fullmatch(text):
        ask, who, verb, rest = match["ask"], match["who"], match["verb"].lower(), match["rest"] or ""
        if ask.lower() in ("how many", "how much", "which"):
            return f"{text}?"
        if verb in ("has to", "have to"):
            return f"{ask} {'does' if verb == 'has to' else 'do'} {who} have to{rest}?"
        return f"{ask} {verb} {who}{rest}?"
    if match := _THEY.fullmatch(text):
        return f"{match['ask']} do {match['who']} {match['verb']}{match['rest'] or ''}?"
    if match := _DOES.fullmatch(text):
        helper = "does" if match["s"] else "do"
        return f"{match['ask']} {helper} {match['who']} {match['verb']}{match['rest'] or ''}?"
    return ""


def _infinitive(root: str) -> str:
    """The verb of a gerund whose last letters are cut off: "leav" is leave."""
    return root + "e" * (root in {"chang", "choos", "exchang", "giv", "leav", "mak", "stor", "tak", "us"})


def _base(verb: str) -> str:
    """A verb without the s of the third person, where that took an e with it: carries, reaches, does."""
    if verb.endswith("ie"):
        return f"{verb[:-2]}y"
    return verb[:-1] if re.search(r"(?:ch|sh|ss|x|o)e$", verb) else verb


def _small(text: str) -> str:
    """A phrase inside a sentence; a name keeps its capital."""
    if _PAIR.fullmatch(text):
        return text.lower()
    words = text.split()
    named = len(words) > 1 and words[1][:1].isupper() and words[0].lower() not in STOP_WORDS
    return text if named or words[0].isupper() else text[:1].lower() + text[1:]
