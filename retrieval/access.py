"""Who may read what: every document belongs to an access class, and a query reads those it is let into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import InputError

_MOST_CHARACTERS = 200
_MOST_ROLES = 1000


@dataclass(frozen=True, slots=True)
class Access:
    """Of a document: whose it is and which roles may read it. Of a reader: who they are."""

    tenant: str = ""
    """ "" of a document is nobody's own; "" of a reader is no tenant."""
    roles: frozenset[str] = frozenset()
    """Of a document, empty means any role."""

    def may_read(self, document: Access) -> bool:
        """Tell whether a reader may read a document: of their tenant or nobody's, and of their roles."""
        return document.tenant in ("", self.tenant) and (
            not document.roles or not self.roles.isdisjoint(document.roles)
        )


def access(tenant: str | None, roles: Iterable[str]) -> Access:
    """Return whom `tenant` and `roles` stand for.

    Raises:
        InputError: One of them is blank, too long or no text; or `roles` is one text, not several.
    """
    if isinstance(roles, str):
        raise InputError(f"Roles are given as one text {roles[:60]!r}.", f"Give a list: [{roles[:60]!r}].")
    given = frozenset(roles)
    names: list[object] = [*given, *([] if tenant is None else [tenant])]
    for name in names:
        if not isinstance(name, str) or not name.strip() or len(name) > _MOST_CHARACTERS:
            raise InputError(
                f"Tenant or role {str(name)[:60]!r} is not allowed.",
                f"Give a name of 1 to {_MOST_CHARACTERS} characters, or leave it out.",
            )
    if len(given) > _MOST_ROLES:
        raise InputError(f"{len(given)} roles are given.", f"Give {_MOST_ROLES} at most.")
    return Access(tenant or "", given)
