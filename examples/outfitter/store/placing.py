"""The orders of the year, one after the other."""

from __future__ import annotations

import random
from datetime import date, timedelta

from .calendar import AS_OF, FIRST_DAY
from .chance import between, pick
from .people import CUSTOMERS
from .products import FINAL_SALE, NEW_ON, NEW_OPTIONS, NEW_OPTIONS_ON, NOT_ABROAD, OVERSIZE
from .records import Address, Customer, Item, Order, Product
from .shipping import delivery_dates, shipping_price

ORDERS = 150
RECENT = 9  # orders of the last four days before AS_OF
STORES = ("Alder Falls", "Harrow Bay", "Pinecroft", "Cedar Hollow")


def make_items(
    rng: random.Random, products: list[Product], day: date, abroad: bool, next_id: int
) -> list[Item]:
    """Fill one order with one to four different products that could be bought on ``day``."""
    wanted = pick(rng, (1, 1, 1, 2, 2, 2, 3, 3, 4))
    items: list[Item] = []
    taken: set[str] = set()
    while len(items) < wanted:
        product = pick(rng, products)
        size = pick(rng, product.sizes)
        colour = pick(rng, product.colours)
        quantity = pick(rng, (1, 2, 2, 3)) if product.category == "accessories" else 1
        spent = sum(item.product.price_cents * item.quantity for item in items)
        if (
            product.sku in taken
            or (abroad and product.sku in NOT_ABROAD)
            or (abroad and spent + product.price_cents * quantity > 150_000)
            or day < NEW_ON.get(product.sku, day)
            or (
                day < NEW_OPTIONS_ON
                and not NEW_OPTIONS.isdisjoint({(product.sku, size), (product.sku, colour)})
            )
            or (product.stock == 0 and day > date(2026, 9, 30))
        ):
            continue
        taken.add(product.sku)
        items.append(Item(next_id + len(items), product, size, colour, quantity))
    return items


def multiplier(customer: Customer, placed_on: date) -> int:
    """How often a point counts: twice for an order placed in the month of the customer's birthday."""
    return 2 if placed_on.month == customer.birth_month else 1


def make_orders(rng: random.Random, customers: list[Customer], products: list[Product]) -> list[Order]:
    """Place the orders in the sequence of their dates, so that tiers grow as the year goes on."""
    span = (AS_OF - FIRST_DAY).days
    offsets = [
        span - number % 4 if number < RECENT else between(rng, 0, span - 5) for number in range(ORDERS)
    ]
    moments = sorted((offset, between(rng, 6 * 60, 22 * 60)) for offset in offsets)
    orders: list[Order] = []
    next_item = 1
    for order_id, (offset, minute) in enumerate(moments, start=1):
        placed_on = FIRST_DAY + timedelta(days=offset)
        customer = (
            customers[order_id - 1] if order_id <= 40 else customers[int(rng.random() ** 1.6 * CUSTOMERS)]
        )
        tier = customer.tier_on(placed_on)
        address: Address | None = pick(rng, customer.addresses)
        assert address is not None
        abroad = address.country != "United States"
        far = address.region in ("AK", "HI")
        items = make_items(rng, products, placed_on, abroad, next_item)
        next_item += len(items)
        oversize = any(item.product.sku == OVERSIZE for item in items)
        final_sale = any(item.product.sku == FINAL_SALE for item in items)

        pickup_store = None
        roll = rng.random()
        if abroad:
            service = "international"
        elif address.city in STORES and roll < 0.3:
            service, pickup_store, address = "pickup", address.city, None
        elif far or oversize or roll < 0.75:
            service = "standard"
        else:
            service = "expedited" if roll < 0.92 else "overnight"
        if tier == "Summit" and service == "standard" and not far and not oversize:
            service = "expedited"

        subtotal = sum(item.product.price_cents * item.quantity for item in items)
        promo = customer.newsletter and customer.orders == 0 and subtotal >= 5_000 and not final_sale
        discount = subtotal // 10 if promo else 0
        shipping = shipping_price(service, address, subtotal - discount, tier, oversize)
        customer.orders += 1

        shipped_on, delivered_on = delivery_dates(rng, service, address, placed_on, minute)
        if order_id % 29 == 0:
            status, shipped_on, delivered_on = "canceled", None, None
        elif delivered_on is not None and delivered_on <= AS_OF:
            status = "collected" if service == "pickup" else "delivered"
        else:
            delivered_on = None
            if shipped_on is not None and shipped_on > AS_OF:
                shipped_on = None
            ready = service == "pickup" and (placed_on < AS_OF or minute < 15 * 60)
            status = "ready" if ready else "shipped" if shipped_on else "processing"
        posted = delivered_on if service == "pickup" else shipped_on
        if posted is not None and customer.member:
            customer.posted.append((posted, (subtotal - discount) // 100 * multiplier(customer, placed_on)))
        orders.append(
            Order(
                order_id=order_id,
                customer=customer,
                address=address,
                pickup_store=pickup_store,
                placed_on=placed_on,
                placed_at=f"{placed_on.isoformat()}T{minute // 60:02d}:{minute % 60:02d}",
                status=status,
                service=service,
                promo_code="NEWTRAIL10" if promo else None,
                subtotal=subtotal,
                discount=discount,
                shipping=shipping,
                shipped_on=shipped_on,
                delivered_on=delivered_on,
                items=items,
            )
        )
    return orders
