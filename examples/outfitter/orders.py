"""Build ``orders.sqlite``: invented customers, orders and returns of Kettlemoor Outfitters in 2026.

Usage: ``python examples/outfitter/orders.py [FILE]``. Needs only the standard library.

The rows depend on nothing but this file and ``knowledge/products.csv``: no clock, no network, one fixed seed.
They follow the store's own rules (shipping rates, cut-off, Trail Club tiers, return periods), so an answer
from the database agrees with an answer from the documents. The snapshot is taken on ``AS_OF``. Amounts are in
cents and exclude sales tax; times are local time in Alder Falls.
"""

from __future__ import annotations

import argparse
import csv
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def words(text: str) -> list[str]:
    """Split a text at its spaces."""
    return text.split()


SEED = 1999
AS_OF = date(2026, 11, 20)
FIRST_DAY = date(2026, 1, 5)
CUSTOMERS = 60
ORDERS = 150
RECENT = 9  # orders of the last four days before AS_OF
PRODUCTS = Path(__file__).parent / "knowledge" / "products.csv"

WAREHOUSE_HOLIDAYS = {
    date(2026, 1, 1),
    date(2026, 5, 25),
    date(2026, 7, 4),
    date(2026, 9, 7),
    date(2026, 11, 26),
    date(2026, 12, 25),
}
NOT_ABROAD = {"KM-TN-603", "KM-TN-604"}
OVERSIZE = "KM-TN-603"
FINAL_SALE = "KM-IN-206"
TRAIL_FIT = {"KM-BT-501", "KM-BT-502", "KM-SH-511", "KM-SH-512"}
NEW_ON = {"KM-JK-103": date(2026, 11, 9)}
NEW_OPTIONS = {("KM-BT-503", "Lichen"), ("KM-AC-902", "Lichen"), ("KM-AC-902", "Rust"), ("KM-AC-902", "Sky")}
NEW_OPTIONS |= {("KM-SN-951", "Small")}
NEW_OPTIONS_ON = date(2026, 11, 1)
STORES = ("Alder Falls", "Harrow Bay", "Pinecroft", "Cedar Hollow")

FIRST_NAMES = words(
    "Abel Briony Calla Dorian Elspeth Fenn Greta Hollis Imke Jory Keziah Linus Maren Nils Orla Pascal Quilla"
    " Rufus Sunniva Tobin Ulla Verity Wendel Xenia Yara Zebedee Amias Bettina Corwin Delphine"
)
LAST_NAMES = words(
    "Ashwick Bramlow Corrindale Dunmarsh Elverstone Fallowby Gorsefield Hathermoor Inglebeck Jessamore"
    " Kilnworth Larkenby Mossgrave Nettlecombe Oakenshade Pellweather Quarrington Rushdyke Sedgeholm Thornaby"
    " Underhay Vexmoor Wetherlow Yarrowdale Zellerholt Applegarth Birkenshade Cindermere Dapplewood Ettrick"
)
STREETS = ("Mill Lane", "Orchard Street", "Quarry Road", "Canal Row", "Juniper Hill", "Heron Court")
US_TOWNS = (
    ("Alder Falls", "VT"),
    ("Harrow Bay", "ME"),
    ("Pinecroft", "NH"),
    ("Cedar Hollow", "NY"),
    ("Maple Ferry", "PA"),
    ("Gull Point", "MA"),
    ("Copper Bend", "CO"),
    ("Tall Cedars", "OR"),
    ("Lake Marrow", "MN"),
)
FAR_TOWNS = (("Kettle Inlet", "AK"), ("Koa Landing", "HI"))
ABROAD = (
    ("Birch Narrows", "Ontario", "Canada"),
    ("Loon Harbor", "Nova Scotia", "Canada"),
    ("Netherwick", "Cumbria", "United Kingdom"),
    ("Tannenried", "Bavaria", "Germany"),
    ("Hoshigawa", "Nagano", "Japan"),
    ("Ferntown", "Otago", "New Zealand"),
)
ABROAD_RATES = {
    "Canada": (1800, 6, 10),
    "United Kingdom": (3200, 8, 14),
    "Germany": (3200, 8, 14),
    "Japan": (4200, 10, 18),
    "New Zealand": (4200, 10, 18),
}

SCHEMA = """
PRAGMA foreign_keys = ON;
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    joined_on TEXT NOT NULL,
    club_tier TEXT CHECK (club_tier IN ('Path', 'Ridge', 'Summit')),
    points_2026 INTEGER NOT NULL,
    birth_month INTEGER NOT NULL CHECK (birth_month BETWEEN 1 AND 12),
    newsletter INTEGER NOT NULL CHECK (newsletter IN (0, 1))
);
CREATE TABLE addresses (
    address_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    label TEXT NOT NULL CHECK (label IN ('home', 'work')),
    street TEXT NOT NULL,
    city TEXT NOT NULL,
    region TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    country TEXT NOT NULL
);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    order_number TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customers,
    address_id INTEGER REFERENCES addresses,
    pickup_store TEXT,
    placed_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('processing', 'shipped', 'ready', 'delivered', 'collected', 'canceled')
    ),
    service TEXT NOT NULL CHECK (
        service IN ('standard', 'expedited', 'overnight', 'international', 'pickup')
    ),
    promo_code TEXT,
    subtotal_cents INTEGER NOT NULL,
    discount_cents INTEGER NOT NULL,
    shipping_cents INTEGER NOT NULL,
    total_cents INTEGER NOT NULL CHECK (total_cents = subtotal_cents - discount_cents + shipping_cents),
    shipped_on TEXT,
    delivered_on TEXT
);
CREATE TABLE order_items (
    item_id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    size TEXT NOT NULL,
    colour TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL,
    final_sale INTEGER NOT NULL CHECK (final_sale IN (0, 1))
);
CREATE TABLE returns (
    return_id INTEGER PRIMARY KEY,
    return_number TEXT NOT NULL UNIQUE,
    item_id INTEGER NOT NULL UNIQUE REFERENCES order_items,
    kind TEXT NOT NULL CHECK (kind IN ('return', 'exchange', 'trail-fit', 'transit-claim', 'warranty')),
    requested_on TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'store')),
    status TEXT NOT NULL CHECK (status IN ('requested', 'approved', 'closed', 'declined')),
    reason TEXT NOT NULL,
    label_fee_cents INTEGER NOT NULL,
    refund_cents INTEGER NOT NULL,
    refund_to TEXT CHECK (refund_to IN ('card', 'store credit'))
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX order_items_order ON order_items (order_id);
CREATE INDEX order_items_sku ON order_items (sku);
"""


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


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """Choose one element with ``random()`` alone, whose sequence is the same in every Python version."""
    return choices[int(rng.random() * len(choices))]


def between(rng: random.Random, low: int, high: int) -> int:
    """Choose an integer from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))


def is_business_day(day: date) -> bool:
    """Say whether the warehouse dispatches parcels on ``day``."""
    return day.weekday() < 5 and day not in WAREHOUSE_HOLIDAYS


def add_business_days(day: date, count: int) -> date:
    """The business day that lies ``count`` business days after ``day``."""
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def dispatch_day(placed_on: date, minute: int) -> date:
    """The day of dispatch: the same day before 1 p.m., else the next business day."""
    if is_business_day(placed_on) and minute < 13 * 60:
        return placed_on
    return add_business_days(placed_on, 1)


def read_products(path: Path = PRODUCTS) -> list[Product]:
    """Read the product list.

    Args:
        path: The CSV file of the knowledge folder.

    Returns:
        The products in the order of the file.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Product(
                sku=row["sku"],
                name=row["name"],
                category=row["category"],
                price_cents=round(float(row["price_usd"]) * 100),
                sizes=row["sizes"].split("|"),
                colours=row["colours"].split("|"),
                stock=int(row["stock"]),
            )
            for row in csv.DictReader(file)
        ]


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


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert complete rows into one of the five tables."""
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def day_text(day: date | None) -> str | None:
    """A date as ISO 8601 text, or None."""
    return day.isoformat() if day else None


def build(path: Path) -> Counter[str]:
    """Build the database at ``path``; an older database at that path is replaced.

    Args:
        path: The SQLite file to write.

    Returns:
        The number of rows in each table.

    Raises:
        FileExistsError: A file that is not an SQLite database stands at ``path``.
    """
    if path.exists() and path.read_bytes()[:16] not in (b"", b"SQLite format 3\x00"):
        raise FileExistsError(f"{path} exists and is not an SQLite database; choose another file")
    rng = random.Random(SEED)
    customers = make_customers(rng)
    orders = make_orders(rng, customers, read_products())
    returns = make_returns(rng, orders)
    rows: dict[str, list[tuple[object, ...]]] = {
        "customers": [
            (
                person.customer_id,
                person.name,
                person.email,
                person.joined_on.isoformat(),
                person.tier_on(AS_OF),
                person.points(),
                person.birth_month,
                int(person.newsletter),
            )
            for person in customers
        ],
        "addresses": [tuple(vars(address).values()) for person in customers for address in person.addresses],
        "orders": [
            (
                order.order_id,
                f"KO-2026-{order.order_id:04d}",
                order.customer.customer_id,
                order.address.address_id if order.address else None,
                order.pickup_store,
                order.placed_at,
                order.status,
                order.service,
                order.promo_code,
                order.subtotal,
                order.discount,
                order.shipping,
                order.subtotal - order.discount + order.shipping,
                day_text(order.shipped_on),
                day_text(order.delivered_on),
            )
            for order in orders
        ],
        "order_items": [
            (
                item.item_id,
                order.order_id,
                item.product.sku,
                item.product.name,
                item.size,
                item.colour,
                item.quantity,
                item.product.price_cents,
                int(item.product.sku == FINAL_SALE),
            )
            for order in orders
            for item in order.items
        ],
        "returns": returns,
    }
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.executescript(SCHEMA)
        for table, table_rows in rows.items():
            insert(connection, table, table_rows)
        connection.commit()
    fresh.replace(path)
    return Counter({table: len(table_rows) for table, table_rows in rows.items()})


def main() -> int:
    """Read the output path from the command line, build the database and report the number of rows."""
    parser = argparse.ArgumentParser(
        description="Build the invented order database of Kettlemoor Outfitters."
    )
    parser.add_argument("path", nargs="?", type=Path, default=Path("orders.sqlite"), help="output file")
    path: Path = parser.parse_args().path
    try:
        counts = build(path)
    except (OSError, sqlite3.Error) as error:
        print(f"orders.py: {error}", file=sys.stderr)
        return 1
    print(f"{path}: " + ", ".join(f"{count} {table}" for table, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
