"""The returns: what came back, and how it was decided."""

from __future__ import annotations

import random
from datetime import timedelta

from .calendar import AS_OF
from .chance import between
from .placing import multiplier
from .products import FINAL_SALE, TRAIL_FIT
from .records import Order


def make_returns(rng: random.Random, orders: list[Order]) -> list[tuple[object, ...]]:
    """Let about one item in nine come back, each in the way that the policies allow or refuse."""
    plans = ("return", "exchange", "return", "late", "transit-claim", "return", "warranty", "exchange")
    rows: list[tuple[object, ...]] = []
    for order in orders:
        delivered = order.delivered_on
        if delivered is None:
            continue
        customer = order.customer
        abroad = order.address is not None and order.address.country != "United States"
        for item in order.items:
            sku, category = item.product.sku, item.product.category
            likely = sku in TRAIL_FIT or sku == FINAL_SALE or category == "sandals"
            recent = (AS_OF - delivered).days < 25
            if rng.random() > (0.4 if recent else 0.3 if likely else 0.11):
                continue
            kind = plans[len(rows) % len(plans)]
            days = between(rng, 3, 12 if recent else 40)
            status, reason, refund_to = "closed", "wrong size", None
            paid = item.product.price_cents * (9 if order.discount else 10) // 10
            fee = refund = 0
            channel = "mail" if abroad or rng.random() < 0.7 else "store"
            if category == "sandals":
                kind, status, reason = "return", "declined", "sandals worn outdoors"
            elif sku == FINAL_SALE:
                kind, status, reason = "return", "declined", "Final Sale item"
            elif sku in TRAIL_FIT and not customer.trail_fit_used:
                kind, reason, days = "trail-fit", "boots or shoes rub after a hike", between(rng, 6, 30)
                customer.trail_fit_used = True
                refund, refund_to = paid, "store credit"
            elif kind == "late":
                kind, status, reason, days = "return", "declined", "after the 45 days", between(rng, 48, 75)
            elif kind == "transit-claim":
                reason, days, channel = "box crushed, item torn", between(rng, 0, 7), "mail"
                if order.service == "pickup":
                    kind, reason, days, channel = "return", "changed mind", 9, "store"
            elif kind == "warranty":
                zipped = category in ("jackets", "insulation", "packs", "tents")
                reason, days = "zipper failed" if zipped else "defect in material", days + 20
            elif kind == "exchange" and (abroad or len(item.product.sizes) == 1):
                kind, reason = "return", "changed mind"
            requested = delivered + timedelta(days=days)
            if requested > AS_OF:
                continue
            if kind == "return" and status == "closed":
                free_label = (
                    channel == "store" or abroad or customer.tier_on(requested) in ("Ridge", "Summit")
                )
                fee = 0 if free_label else 695
                refund, refund_to = max(paid - fee, 0), "card"
            age = (AS_OF - requested).days
            if status == "closed" and age < 14:
                status = "approved" if age > 6 else "requested"
                fee, refund, refund_to = 0, 0, None
            if refund and customer.member:
                customer.taken_back += paid // 100 * multiplier(customer, order.placed_on)
            number = len(rows) + 1
            rows.append(
                (
                    number,
                    f"RT-2026-{number:04d}",
                    item.item_id,
                    kind,
                    requested.isoformat(),
                    channel,
                    status,
                    reason,
                    fee,
                    refund,
                    refund_to,
                )
            )
    return rows
