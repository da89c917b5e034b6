"""The rules that a sentence must pass against its source."""
