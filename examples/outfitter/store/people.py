"""The customers and their addresses."""

from __future__ import annotations

import random
from datetime import date, timedelta

from .chance import between, pick
from .names import ABROAD, FAR_TOWNS, FIRST_NAMES, LAST_NAMES, STREETS, US_TOWNS
from .records import Address, Customer

CUSTOMERS = 60


def make_customers(rng: random.Random) -> list[Customer]:
    """Invent the customers and their addresses: most in the contiguous states, a few farther away."""
    customers = []
    address_id = 0
    for number in range(1, CUSTOMERS + 1):
        index = number - 1
        first = FIRST_NAMES[index % 30]
        last = LAST_NAMES[(index if index < 30 else index * 7 + 3) % 30]
        customer = Customer(
            customer_id=number,
            name=f"{first} {last}",
            email=f"{first}.{last}@example.com".lower(),
            joined_on=date(2018, 1, 1) + timedelta(days=between(rng, 0, 2900)),
            birth_month=between(rng, 1, 12),
            newsletter=rng.random() < 0.6,
            member=rng.random() < 0.75,
        )
        if number % 9 == 0:
            city, region, country = ABROAD[(number // 9 - 1) % len(ABROAD)]
        elif number in (14, 41):
            city, region = FAR_TOWNS[number // 41]
            country = "United States"
        else:
            city, region = pick(rng, US_TOWNS)
            country = "United States"
        for label in ("home", "work") if number % 5 == 0 else ("home",):
            address_id += 1
            customer.addresses.append(
                Address(
                    address_id=address_id,
                    customer_id=number,
                    label=label,
                    street=f"{between(rng, 1, 240)} {pick(rng, STREETS)}",
                    city=city,
                    region=region,
                    postal_code=f"{between(rng, 1, 499):05d}",  # no ZIP code of this range is in use
                    country=country,
                )
            )
        customers.append(customer)
    return customers
