"""What the support bot says around the facts. No sentence here states anything about the business."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .small_talk import Social

TALK: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), reply)
    for name, pattern, reply in (
        (
            "person",
            r"\b(?:talk|speak|chat|ask|connect\s+me|put\s+me\s+through|transfer\s+me|get\s+me|want|need|pass\s+(?:it|this|me))\b"
            r"[^.?!]{0,25}\b(?:human|person|agent|colleague|representative|someone|somebody|staff|employee|manager|supervisor|real)\b"
            r"|\brather\b[^.?!]{0,25}\b(?:human|person|agent|colleague|representative|someone|somebody|staff|supervisor)\b"
            r"|\blike\s+(?:someone|somebody|a\s+(?:human|person|colleague|real))\b"
            r"|^\W*(?:agent|human|representative|operator)\W*$",
            "",
        ),
        (
            "greeting",
            r"^\W*(?:hello\W+|hey\W+)?(?:is\s+)?(?:any(?:one|body)|some(?:one|body)|you|u|ya)\s+(?:still\s+)?there\W*$",
            "Hello! How can I help you?",
        ),
        (
            "how are you",
            r"^\W*(?:hi\W+|hello\W+)?how\s+are\s+you(?:\s+\w+)?\W*$",
            "I am fine, thank you. How can I help you?",
        ),
        (
            "who",
            r"\b(?:who\s+are\s+you|are\s+you\s+(?:a\s+)?(?:bot|robot|human|real|ai|machine|person)"
            r"|am\s+i\s+(?:talking|speaking|chatting)"
            r"\s+(?:to|with)\s+(?:a\s+)?(?:bot|human|person|machine|robot|real))\b",
            "I am an automated assistant. I answer from the documents of this shop and can look after some"
            " requests; for everything else I can pass you to a colleague.",
        ),
    )
)
SOCIAL: dict[Social, str] = {
    "greeting": "Hello! How can I help you?",
    "thanks": "You are welcome. Just write if there is anything else.",
    "goodbye": "Goodbye!",
    "agreed": "All right. Just write if there is anything else.",
}
"""What is said to small talk."""
HELP = re.compile(
    r"^\W*(?:what\s+can\s+you\s+do|(?:how\s+)?can\s+you\s+help(?:\s+me)?|help|i\s+need\s+help)\W*(?:for\s+me\W*)?$",
    re.IGNORECASE,
)

SORRY = "I am sorry about the trouble."
OFFER_PERSON = "Shall I pass your question to a colleague?"
QUOTE_LEAD = "I did not find an exact answer to that. The closest passage in our documents is this:"
REFUSAL = "I could not find an answer to that in our documents, and I would rather not guess."
OBJECTED = f"I cannot do more about that here. {OFFER_PERSON}"
HANDED = (
    "I am passing this to a colleague, together with a summary of our conversation,"
    " so that you need not repeat it."
)
BROKEN = "I could not finish this in time, so I am passing it to a colleague, together with a summary."
NO_RECORD = "I cannot find that in your account. Please check the number, or ask for a colleague."
SIGN_IN = "For that I need to know who you are: please sign in first."
WHICH_ONE = "Which of these do you mean?"
LATER = "After that I will come to the other change that you asked for."


def abilities(descriptions: Sequence[str]) -> str:
    """Say what the bot can do; `descriptions` are of the intents with a tool."""
    things = [
        "answer questions from our documents",
        *(lower_first(text).rstrip(".") for text in descriptions),
    ]
    return f"I can {listed(things[:6], 'and')}."


def listed(items: Sequence[str], word: str) -> str:
    """Join items as in prose: "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def lower_first(text: str) -> str:
    """A sentence's beginning as the middle of another."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The middle of a sentence as a beginning."""
    return text[:1].upper() + text[1:]


def named(name: str) -> str:
    """An argument's name as people say it."""
    return name.replace("_", " ")


def about(question: str) -> str:
    """What stands before one of several answers."""
    short = " ".join(question.split())
    return f"About “{short if len(short) <= 90 else short[:87].rstrip() + '...'}”:"


def repeated(action: str) -> str:
    """Repeat an action with its arguments, and ask for a yes."""
    return f"Please confirm: {action}. Shall I go ahead? (yes or no)"


def kept(action: str) -> str:
    """Say that an action still waits for a yes."""
    return f"Your earlier request still waits for your yes or no: {action}."


def dropped(action: str) -> str:
    """Say that an action was not done."""
    return f"I have not done the earlier request ({action}); nothing was changed."


def which(intents: Sequence[str]) -> str:
    """Ask which of some things the customer wants."""
    wishes = [lower_first(text).rstrip(".") for text in intents]
    return f"I am not sure what you would like: to {listed(wishes, 'or')}?"
