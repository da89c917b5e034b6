"""Text that hides in other text: encoded, reversed, spelt with digits or with look-alike letters."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator

_LEET = str.maketrans("0134578@$!", "oieastbasi")
_LOOK_ALIKES = str.maketrans(
    "асеорхуіѕјԁһвкмнтαορνικτАВСЕНІЈКМОРЅТХΑΒΕΖΗΙΚΜΝΟΡΤΧ",
    "aceopxyisjdhbkmhtaopviktABCEHIJKMOPSTXABEZHIKMNOPTX",
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/=])")
_BASE32 = re.compile(r"\b[A-Z2-7]{24,}={0,6}")
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :]?){16,}(?!\w)")
_BITS = re.compile(r"(?<!\w)(?:[01]{8}\s?){6,}(?!\w)")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,5};|%[0-9a-fA-F]{2}){6,}")
_UNIT = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|&#x([0-9a-fA-F]{2,5});|&#(\d{2,5});|%([0-9a-fA-F]{2})"
)
_SPACED = re.compile(r"\b(?:\w[ ._*-]){4,}\w\b")


def plainer(text: str) -> str:
    """The text without invisible marks, in its compatibility form, look-alike letters as Latin ones."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    # only where letters are mixed: a text in Greek or Russian stays what it is
    return re.sub(r"\w*[A-Za-z]\w*", lambda word: word[0].translate(_LOOK_ALIKES), folded)


def hidden(text: str) -> Iterator[tuple[str, str]]:
    """What `text` may hold besides: how it is hidden, and the text itself."""
    for name, pattern, decode in _CODES:
        for match in list(pattern.finditer(text))[:20]:
            found = _readable(decode, match[0])
            if found:
                yield name, found
    if len(re.findall(r"[A-Za-z][0134578@$!][A-Za-z]|\b[0134578@$!]+[A-Za-z]+[0134578@$!]", text)) >= 3:
        yield "digits", text.translate(_LEET)
    if _SPACED.search(text):
        yield "spaced", _SPACED.sub(lambda match: re.sub(r"[ ._*-]", "", match[0]), text)
    if len(text) < 2000:
        yield "reversed", text[::-1]


def _readable(decode: Callable[[str], bytes], text: str) -> str:
    try:
        found = decode(text).decode("utf-8")
    except (ValueError, binascii.Error):
        return ""
    letters = sum(letter.isalpha() or letter == " " for letter in found)
    return found if len(found) >= 8 and letters > 0.8 * len(found) else ""


def _base64(text: str) -> bytes:
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def _base32(text: str) -> bytes:
    bare = text.rstrip("=")
    return base64.b32decode(bare + "=" * (-len(bare) % 8))


def _bits(text: str) -> bytes:
    return bytes(int(byte, 2) for byte in re.findall(r"[01]{8}", text))


def _escapes(text: str) -> bytes:
    codes = [
        int(m[4]) if m[4] else int(next(group for group in m.groups() if group), 16)
        for m in _UNIT.finditer(text)
    ]
    return "".join(chr(code) for code in codes).encode()


_CODES: tuple[tuple[str, re.Pattern[str], Callable[[str], bytes]], ...] = (
    ("base64", _BASE64, _base64),
    ("base32", _BASE32, _base32),
    ("hex", _HEX, lambda text: bytes.fromhex(re.sub(r"[ :]", "", text))),
    ("binary", _BITS, _bits),
    ("escapes", _ESCAPES, _escapes),
)
