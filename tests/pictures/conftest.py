"""Words of many kinds, and what every card keeps."""

from __future__ import annotations

import io

from PIL import Image

from limner.pictures import Card

SAMPLES = [
    "How returns work",
    "A guide to choosing, washing and mending a waterproof jacket so that it lasts for many winters",
    "x" * 300,
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "https://example.com/a/very/long/path?with=many&parameters=" + "a" * 120,
    "كيف تعمل المرتجعات في متجرنا عبر الإنترنت",
    "שלום עולם: מדריך קצר",
    "返品の仕組みをわかりやすく説明します",
    "如何退货以及退款需要多长时间",
    "반품은 어떻게 진행되나요",
    "हिन्दी में एक छोटा शीर्षक",
    "วิธีการคืนสินค้าภายในสามสิบวัน",
    "Как работает возврат товара",
    "🎉🚚📦" * 20,
    "👩‍🚀👨‍👩‍👧 family 🏳️‍🌈 flags 🇩🇪",
    "#let x = 1; $ \\ * _ ` <script>alert(1)</script> & {{ }}",
    "tofu \U0001f9ff \ue000 \u202e evil \x00\x07 \ud800 ᚠᛇᚻ ༄ 𒀀",
    "",
    "   \n\t ",
    "ﷺ" * 30,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳",
]


def check(card: Card) -> None:
    """No text leaves its card, no line is wider than its box, and all is readable."""
    for box in card.boxes:
        assert box.x >= 0 and box.y >= 0, box
        assert box.x + box.width <= card.width and box.y + box.height <= card.height, box
        assert box.ink <= box.width + 0.5, box
    for upper, lower in zip(card.boxes, card.boxes[1:], strict=False):
        if (upper.x, upper.width) == (lower.x, lower.width):
            assert upper.y + upper.height <= lower.y + 0.5
    assert card.contrast >= 4.5
    with Image.open(io.BytesIO(card.png)) as image:
        assert image.size == (card.width, card.height)
