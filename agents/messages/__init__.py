"""Customers' messages, taken apart by rule and by trained intents."""
