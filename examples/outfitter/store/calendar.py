"""The store's year: when the warehouse works, and the day of the snapshot."""

from __future__ import annotations

from datetime import date, timedelta

AS_OF = date(2026, 11, 20)
FIRST_DAY = date(2026, 1, 5)
"""The year begins in the shop here; the snapshot is taken on `AS_OF`."""
WAREHOUSE_HOLIDAYS = {
    date(2026, 1, 1),
    date(2026, 5, 25),
    date(2026, 7, 4),
    date(2026, 9, 7),
    date(2026, 11, 26),
    date(2026, 12, 25),
}


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
