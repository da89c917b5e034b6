"""The invented customers, orders and returns of Kettlemoor Outfitters in 2026.

The rows depend on nothing but this package and ``knowledge/products.csv``: no clock, no network, one seed.
They follow the store's own rules (shipping rates, cut-off, Trail Club tiers, return periods), so an answer
from the database agrees with an answer from the documents. The snapshot is taken on ``AS_OF``. Amounts are in
cents and exclude sales tax; times are local time in Alder Falls.
"""

from .build import build
from .calendar import AS_OF
from .schema import SCHEMA

__all__ = ["AS_OF", "SCHEMA", "build"]
