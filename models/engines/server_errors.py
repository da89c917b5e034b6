"""What goes wrong with a server, in the words that callers act on."""

from __future__ import annotations

import openai

from ...errors import BusyError, InputError, LimnerError, ModelError, SettingsError, UnavailableError

_REACH = "See that the server runs, and that the URL is right; most end with /v1."


def may_pass(error: Exception) -> bool:
    """Tell whether a request may succeed a moment later: the server was busy, failed or out of reach."""
    match error:
        case openai.APITimeoutError():
            return False  # it was waited for long enough
        case openai.APIStatusError():
            return error.status_code == 429 or error.status_code >= 500
        case _:
            return isinstance(error, openai.APIConnectionError)


def as_limner(error: Exception, url: str) -> LimnerError:
    """Return an error of ours for one of the client's."""
    match error:
        case LimnerError():
            return error
        case openai.APIStatusError():
            return _of_status(error, url)
        case openai.APITimeoutError():
            return UnavailableError(f"{url} gives no answer ({_cause(error)}).", _REACH)
        case openai.APIConnectionError():
            return UnavailableError(f"{url} cannot be reached, or broke off ({_cause(error)}).", _REACH)
        case openai.APIError():
            return ModelError(f"{url} failed while it answered: {_words(error)}.", "See the server's log.")
        case _:
            return ModelError(
                f"The answer of {url} cannot be read: {type(error).__name__}: {str(error)[:200]}.",
                "See that the server speaks the OpenAI API.",
            )


def _of_status(error: openai.APIStatusError, url: str) -> LimnerError:
    code, words = error.status_code, _words(error)
    match code:
        case 401 | 403:
            return SettingsError(f"{url} refuses the key ({code}).", "Set LIMNER_OPENAI_KEY.")
        case 404:
            return SettingsError(
                f"{url} does not know the model or the path: {words}.",
                "Check the reference: openai:http://host:8000/v1#model.",
            )
        case 429:
            return BusyError(f"{url} is busy: {words}.", "Retry later, or lower max_batch under [model].")
        case _ if code >= 500:
            return UnavailableError(f"{url} failed ({code}): {words}.", "See the server's log, then retry.")
        case _:
            return InputError(f"{url} refuses the request ({code}): {words}.", "Correct what it names.")


def _words(error: openai.APIError) -> str:
    """Return what the server said, cut to a line."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else body
    return " ".join(str(said or error.message).split())[:300].rstrip(".")


def _cause(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {str(cause)[:200]}".removesuffix(": ")
