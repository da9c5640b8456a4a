"""Folds the handles of one person into one person, on pseudonyms only, so that no name is needed to do it."""

import re
import unicodedata
from collections.abc import Iterable

NOREPLY = re.compile(r"^(?:\d+\+)?([^@+]+)@users\.noreply\.[a-z.]+$")
"""A code host's private address: the login stands before the @, with or without a number."""

SHARED_NAME_LIMIT = 8
"""A full name that joins more addresses than this is a common name, not a person."""


def email_handle(email: str) -> str:
    """Normal form of an address: lower case, `+tag` dropped; a noreply address becomes the login it stands for."""
    email = email.strip().strip("<>").lower()
    found = NOREPLY.match(email)
    if found:
        return f"login:{found[1]}"
    local, at, domain = email.partition("@")
    if not at or not local or not domain:
        return ""
    return f"email:{local.partition('+')[0] or local}@{domain}"


def name_handle(name: str) -> str:
    """Normal form of a full name; "" unless it has two words of two letters, since a first name alone is nobody."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("đ", "d")
    words = re.findall(r"[^\W\d_]{2,}", "".join(c for c in plain if not unicodedata.combining(c)))
    return f"name:{' '.join(sorted(words))}" if len(words) >= 2 else ""


def fold(
    strong: Iterable[tuple[int, int]], names: Iterable[tuple[int, int]], *, known: Iterable[int] = (), actors: Iterable[int] = ()
) -> dict[int, int]:
    """Number the persons behind pseudonyms of handles.

    Args:
        strong: pairs of handles that are certainly one person (address and login of one account).
        names: pairs (handle, full name); used only where a name does not join two known people or too many handles.
        known: handles of people the org chart tells apart.
        actors: every handle that left a trace; one without a pair is a person of its own.

    Returns:
        handle -> person number, from 1; the numbering depends on the set of handles alone, not on their order.
    """
    parent: dict[int, int] = {}
    for one, other in strong:
        _union(parent, one, other)
    employees = {_root(parent, k) for k in known}
    by_name: dict[int, set[int]] = {}
    for handle, name in names:
        by_name.setdefault(name, set()).add(_root(parent, handle))
    for name in sorted(by_name):
        roots = by_name[name]
        if len(roots & employees) <= 1 and len(roots) <= SHARED_NAME_LIMIT:
            for root in roots:
                _union(parent, name, root)
    for actor in (*actors, *known):
        _root(parent, actor)
    first: dict[int, int] = {}
    for handle in sorted(parent):
        first.setdefault(_root(parent, handle), len(first) + 1)
    return {handle: first[_root(parent, handle)] for handle in parent if handle}


def _root(parent: dict[int, int], item: int) -> int:
    root = parent.setdefault(item, item)
    while parent[root] != root:
        root = parent[root]
    while parent[item] != root:
        parent[item], item = root, parent[item]
    return root


def _union(parent: dict[int, int], one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    if a != b:
        parent[max(a, b)] = min(a, b)
