"""Which language a message is in, by its letters and its commonest words, and the one sentence said in each.

Good for telling a customer that the documents are in another language; no more is built on it.
"""

from __future__ import annotations

import re

_COMMON = {
    "en": "the is and you my of to in it can how what do i for have with are not when this does your",
    "de": "der die das ist und ich nicht ein eine wie kann mein meine mit für wann zu was haben "
    "sie bitte von den auf",
    "fr": "le la les est et je pas un une comment puis mon ma avec pour quand que vous des du "
    "dans au ce combien",
    "es": "el la los es y yo no un una cómo puedo mi con para cuándo que por las del en cuánto hay qué está",
    "it": "il la lo è e io non un una come posso mio mia con per quando che gli del della di quanto sono ho",
    "nl": "de het is en ik niet een hoe kan mijn met voor wanneer wat van op zijn dat te heb kunnen hoeveel",
    "pt": "o a os é e eu não um uma como posso meu minha com para quando que do da em quanto está você são",
}
_WORDS = {name: frozenset(listed.split()) for name, listed in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile(r"[぀-ヿ]")),
    ("ko", re.compile(r"[가-힯]")),
    ("zh", re.compile(r"[一-鿿]")),
    ("ru", re.compile(r"[Ѐ-ӿ]{3}")),
    ("ar", re.compile(r"[؀-ۿ]{3}")),
)
NOTES = {
    "de": "Ich kann hier leider nur auf Englisch antworten, in der Sprache unserer Unterlagen.",
    "fr": "Je ne peux malheureusement répondre qu'en anglais, la langue de nos documents.",
    "es": "Lamentablemente, solo puedo responder en inglés, el idioma de nuestros documentos.",
    "it": "Purtroppo posso rispondere solo in inglese, la lingua dei nostri documenti.",
    "nl": "Ik kan helaas alleen in het Engels antwoorden, de taal van onze documenten.",
    "pt": "Infelizmente, só posso responder em inglês, a língua dos nossos documentos.",
}
"""Said before a reply in English to a customer who wrote in another language."""


def language_of(text: str, default: str = "en") -> str:
    """Return the ISO 639-1 code of the likeliest language; `default` where there is little to go by."""
    for name, script in _SCRIPTS:
        if script.search(text):
            return name
    said = re.findall(r"[^\W\d_]+", text.lower())
    counts = {name: sum(word in listed for word in said) for name, listed in _WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    enough = counts[best] >= 2 and counts[best] > counts[default] and counts[best] >= 0.2 * len(said)
    return best if enough else default


def note_for(language: str) -> str:
    """Say, in the customer's language where it is known, that the reply is in English."""
    return NOTES.get(language, "I am sorry that I can answer in English only, the language of our documents.")
