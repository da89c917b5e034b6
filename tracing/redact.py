"""Mask secrets in text that leaves a run: traces, logs, error messages."""

import re

SECRETS = (
    re.compile(r"\b(?:sk|pk|rk|ghp|gho|hf|xox[abp])[-_][A-Za-z0-9_-]{12,}"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"\b(?:github_pat_|glpat-|npm_|AIza|SG\.|xapp-|whsec_)[A-Za-z0-9_.-]{16,}"),
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"),
    re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{12,}"),
    re.compile(r"(?i)(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)\b(password|passwd|secret|api[_-]?key|token)\b(\s*[=:]\s*)\S+"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
)
"""The forms of keys, tokens, passwords and private keys."""


def redact(text: str) -> str:
    """Replace what looks like a key, token, password or private key by ``[secret]``."""
    for pattern in SECRETS:
        text = pattern.sub("[secret]", text)
    return text
