"""The product list, and the products that have rules of their own."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from .records import Product

PRODUCTS = Path(__file__).parents[1] / "knowledge" / "products.csv"
NOT_ABROAD = {"KM-TN-603", "KM-TN-604"}
OVERSIZE = "KM-TN-603"
FINAL_SALE = "KM-IN-206"
TRAIL_FIT = {"KM-BT-501", "KM-BT-502", "KM-SH-511", "KM-SH-512"}
NEW_ON = {"KM-JK-103": date(2026, 11, 9)}
NEW_OPTIONS = {("KM-BT-503", "Lichen"), ("KM-AC-902", "Lichen"), ("KM-AC-902", "Rust"), ("KM-AC-902", "Sky")}
NEW_OPTIONS |= {("KM-SN-951", "Small")}
NEW_OPTIONS_ON = date(2026, 11, 1)


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
