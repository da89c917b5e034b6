"""Products, customers and orders, as they are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Product:
    """One row of ``products.csv``, as far as an order needs the row."""

    sku: str
    name: str
    category: str
    price_cents: int
    sizes: list[str]
    colours: list[str]
    stock: int


@dataclass
class Address:
    """One postal address of a customer."""

    address_id: int
    customer_id: int
    label: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass
class Customer:
    """One customer; ``posted`` collects the days and points of the orders that have shipped."""

    customer_id: int
    name: str
    email: str
    joined_on: date
    birth_month: int
    newsletter: bool
    member: bool
    addresses: list[Address] = field(default_factory=list)
    posted: list[tuple[date, int]] = field(default_factory=list)
    taken_back: int = 0
    orders: int = 0
    trail_fit_used: bool = False

    def tier_on(self, day: date) -> str | None:
        """The tier that counts on ``day``, or None for a customer outside the Trail Club.

        A new tier starts on the day after the points are posted, and later returns do not lower the tier.
        """
        if not self.member:
            return None
        points = sum(earned for posted_on, earned in self.posted if posted_on < day)
        return "Summit" if points >= 1500 else "Ridge" if points >= 500 else "Path"

    def points(self) -> int:
        """The points earned in 2026, less the points of returned items."""
        return sum(earned for _, earned in self.posted) - self.taken_back


@dataclass(frozen=True)
class Item:
    """One line of an order."""

    item_id: int
    product: Product
    size: str
    colour: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """One order with its lines and its dates."""

    order_id: int
    customer: Customer
    address: Address | None
    pickup_store: str | None
    placed_on: date
    placed_at: str
    status: str
    service: str
    promo_code: str | None
    subtotal: int
    discount: int
    shipping: int
    shipped_on: date | None
    delivered_on: date | None
    items: list[Item]
