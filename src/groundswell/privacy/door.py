"""The entry gate: names become keyed pseudonyms here, and what is skipped or refused is counted."""

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from groundswell.model.source import Batch
from groundswell.model.trace import ActorKind, Alias
from groundswell.privacy import lists, optout
from groundswell.privacy.actors import classify
from groundswell.privacy.identity import email_handle, name_handle

NAMED_AFTER = frozenset({"unit", "site", "role", "stratum", "tool"})
"""Columns of words that companies make themselves, at times from somebody's name: a list of own tools could hold colleagues."""

NAME_WORDS = (2, 3, 4)
"""Words in a row that may be a full name."""

PLACES_SHOWN = 5
"""How many places of each kind of bad record are remembered for the operator."""


@dataclass
class Tally:
    """What happened to the records of one export.

    Attributes:
        kept: row class -> records read.
        skipped: reason -> records passed over because they were bad.
        refused: reason -> records not read by principle.
        places: reason -> the first few places (file, line) of bad records; never their content.
    """

    kept: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Add another part's counts to this one."""
        self.kept.update(other.kept)
        self.skipped.update(other.skipped)
        self.refused.update(other.refused)
        for reason, places in other.places.items():
            known = self.places.setdefault(reason, [])
            known.extend(places[: PLACES_SHOWN - len(known)])


class Door:
    """Passes people, identifiers and refusals of one source in; forgets every name at once.

    A handle (address, login, native id, full name) becomes HMAC-SHA-256 under the epoch's key, cut to 63 bits.
    Handles met together are remembered as aliases, on pseudonyms only.

    Args:
        key: of the epoch.
        source: name of the source that reads.
        opt_out: who opted out; their rows do not pass `admit`.
    """

    def __init__(self, key: bytes, source: str, opt_out: optout.OptOut | None = None) -> None:
        self.source = source
        self._opt_out = opt_out or optout.OptOut(b"")
        self._out: set[int] = set()
        self.tally = Tally()
        self._hmac = hmac.new(key, digestmod=hashlib.sha256)
        self._handles: dict[tuple[str, str, str, str], int] = {}
        self._given: set[int] = {0}
        self._counted = 0
        self._aliases: dict[tuple[int, int], str] = {}
        self._names: set[int] = set()
        self._called: dict[str, str] = {}

    def person(self, *, email: str = "", name: str = "", login: str = "", native: str = "") -> int:
        """Pseudonym of whoever bears these handles; 0 if none is usable.

        The first of address, login, native id, name that is given stands for the person; the others become aliases of it.
        A native id must carry its workspace ("T1:U123"), since two workspaces reuse ids.
        """
        key = (email, name, login, native)
        known = self._handles.get(key)
        if known is None:
            known = self._handles[key] = self._meet(email, name, login, native)
        return known

    def _meet(self, email: str, name: str, login: str, native: str) -> int:
        strong = [
            h for h in (email_handle(email), f"login:{login.strip().lower()}", f"native:{native}") if h and not h.endswith(":")
        ]
        full_name = name_handle(name)
        numbers = [self.hashed("person", h) for h in dict.fromkeys(strong)]
        named = self.hashed("person", full_name) if full_name else 0
        alone = 0 if numbers else named
        self._names.add(named)
        if self._opt_out.holds([*strong, *numbers, alone]):
            self._out.update(numbers or [alone])
        if not numbers:
            return alone
        for other in numbers[1:]:
            self._aliases[min(numbers[0], other), max(numbers[0], other)] = "strong"
        if full_name:
            self._aliases.setdefault((numbers[0], named), "name")
        return numbers[0]

    def hashed(self, *parts: str | int) -> int:
        """Keyed 63-bit hash of an identifier; never 0, which stands for nobody."""
        digest = self._hmac.copy()
        digest.update("\x1f".join(map(str, parts)).encode("utf8", "surrogatepass"))
        return int.from_bytes(digest.digest()[:8], "big") >> 1 or 1

    def kind(self, *, email: str = "", name: str = "", login: str = "") -> ActorKind:
        """Person, bot or agent."""
        return classify(email, name, login).kind

    def admit(self, batch: Batch) -> Batch:
        """Let a batch in: without who opted out, before any text of theirs is read.

        Raises:
            PrivacyError: a pseudonym was not made here, or a word stands in no closed list: a plug-in lets something through.
        """
        lists.check(batch, self.source, issued=self._issued())
        batch = self._unnamed(batch)
        return optout.without(batch, self._out) if self._out and optout.names_any(batch, self._out) else batch

    def _unnamed(self, batch: Batch) -> Batch:
        """A batch whose units, sites and roles bear no full name of a person met so far: charts call units by who leads them."""
        changed: dict[str, list[str]] = {}
        for name in NAMED_AFTER & set(batch.columns):
            values: Any = batch.columns[name]
            words = values.to_pylist() if hasattr(values, "to_pylist") else values
            if any(word and self._without_name(word) != word for word in set(words)):
                changed[name] = [self._without_name(word) if word else word for word in words]
        return Batch(batch.row, {**batch.columns, **changed}) if changed else batch

    def _without_name(self, word: str) -> str:
        """The word itself, or where it holds a name a keyed label, the same for the same word everywhere under one key."""
        known = self._called.get(word)
        if known is None or known == word:
            parts = re.findall(r"[^\W\d_]{2,}", word)
            spans = (parts[n : n + size] for size in NAME_WORDS for n in range(len(parts) - size + 1))
            named = any(self.hashed("person", name_handle(" ".join(span))) in self._names for span in spans)
            if named:
                self.refuse("name of a person in the name of a unit, a site, a role or a tool")
            known = self._called[word] = f"unit {self.hashed('unit', word) % 1_000_000}" if named else word
        return known

    def _issued(self) -> set[int]:
        """Every pseudonym this door gave out, kept up to date as handles are met."""
        if len(self._handles) != self._counted:
            self._given.update(self._handles.values())
            self._counted = len(self._handles)
        return self._given

    def skip(self, reason: str, *, where: str = "", n: int = 1) -> None:
        """Count a bad record that was passed over."""
        self.tally.skipped[reason] += n
        places = self.tally.places.setdefault(reason, [])
        if where and len(places) < PLACES_SHOWN:
            places.append(where)

    def refuse(self, reason: str, *, n: int = 1) -> None:
        """Count something not read by principle."""
        self.tally.refused[reason] += n

    def keep(self, row: str, n: int = 1) -> None:
        """Count records read."""
        self.tally.kept[row] += n

    def aliases(self) -> Batch:
        """Alias rows met so far; for strength "name", `other` is the name's pseudonym.

        A handle that opted out is marked (one 0, strength "out"), so that the store can be swept of what else is theirs.
        """
        marks = {(0, handle): optout.MARK for handle in self._out}
        pairs = sorted({**self._aliases, **marks}.items())
        return Batch(
            Alias,
            {
                "id": [self.hashed("alias", one, other, strength) for (one, other), strength in pairs],
                "version": [0] * len(pairs),
                "one": [one for (one, _), _ in pairs],
                "other": [other for (_, other), _ in pairs],
                "strength": [strength for _, strength in pairs],
                "source": [self.source] * len(pairs),
            },
        )
