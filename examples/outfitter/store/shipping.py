"""What an order costs to ship, and when it leaves and arrives."""

from __future__ import annotations

import random
from datetime import date, timedelta

from .calendar import add_business_days, dispatch_day
from .chance import between
from .names import ABROAD_RATES
from .records import Address


def shipping_price(service: str, address: Address | None, net: int, tier: str | None, oversize: bool) -> int:
    """The shipping price of an order in cents, as the two shipping documents state it.

    Args:
        service: The delivery service of the order.
        address: The delivery address, or None for an order that is collected.
        net: The value of the order after discounts, in cents.
        tier: The Trail Club tier of the customer on the day of the order.
        oversize: Whether the order contains an oversize item.
    """
    if address is None:
        return 0
    surcharge = 900 if oversize else 0
    if address.country != "United States":
        free = address.country == "Canada" and net >= 20_000
        return 0 if free else ABROAD_RATES[address.country][0]
    far = address.region in ("AK", "HI")
    if service == "overnight":
        return 2800 + surcharge
    if service == "expedited":
        return (0 if tier == "Summit" else 1495) + surcharge
    if tier in ("Ridge", "Summit") or net >= (15_000 if far else 7_500):
        return surcharge
    return (1250 if far else 650) + surcharge


def delivery_dates(
    rng: random.Random, service: str, address: Address | None, placed_on: date, minute: int
) -> tuple[date | None, date | None]:
    """The planned days of dispatch and delivery; an order for pickup has no day of dispatch."""
    if address is None:
        return None, placed_on + timedelta(days=between(rng, 1, 7))
    shipped_on = dispatch_day(placed_on, minute)
    if address.country != "United States":
        low, high = ABROAD_RATES[address.country][1:]
    elif address.region in ("AK", "HI"):
        low, high = 7, 10
    else:
        low, high = {"standard": (3, 6), "expedited": (2, 2), "overnight": (1, 1)}[service]
    return shipped_on, add_business_days(shipped_on, between(rng, low, high))
