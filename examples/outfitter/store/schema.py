"""The tables of the store's database."""

from __future__ import annotations

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
