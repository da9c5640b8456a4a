"""Adds up what a vendor's log says by day and tool, so that one file gives one row a person-day, a total or a sum of money.

Two files may tell the same day, one of them cut: of two rows of one identity the fuller copy wins, in any order.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from groundswell.model.source import DoorLike
from groundswell.model.trace import ActorKind, Spend, UsageDay, UsageTotal

MOST = 10**12
"""No count and no bill of one day is larger; what claims to be is a wrong unit or a hostile file."""

MACHINE = re.compile(
    r"^(svc|srv|service|api|automation|pipeline|system|default|root|deploy|batch|cron)([-_.]|$)"
    r"|^(sa|ci|cd|app|bot)[-_]|[-_.](svc|srv|bot|ci|sa|service|pipeline)$"
    r"|service[-_.]?(account|principal|user)|default_user_id|^nt authority|^s-1-5-|^app@sharepoint|gserviceaccount\.com$"
)
"""Accounts no person sits behind, by the words administrators give them; tried on an address's first part and on the whole."""


def kind_of(door: DoorLike, *, email: str = "", login: str = "", name: str = "") -> ActorKind:
    """Person, bot or agent; an account named as a service is a bot."""
    kind = door.kind(email=email, login=login, name=name)
    if kind is not ActorKind.PERSON:
        return kind
    return ActorKind.BOT if _is_machine(email) or _is_machine(login) else kind


@lru_cache(maxsize=65_536)
def _is_machine(handle: str) -> bool:
    plain = handle.strip().casefold()
    return bool(MACHINE.search(plain.partition("@")[0]) or MACHINE.search(plain))


def handles(user: str) -> dict[str, str]:
    """Handles of an account written either as an address or as an account's name."""
    return {"email": user} if "@" in user else {"login": user}


def whole(value: float | str | None) -> int | None:
    """Count in a cell or a field; None where nothing, or no count, is written. Thousands separators are dropped."""
    if isinstance(value, str):
        plain = re.sub(r"[\s,'\u202f\u00a0]", "", value)
        return int(float(plain)) if re.fullmatch(r"\d{1,15}(\.\d{1,15})?", plain) else None
    return int(value) if value is not None and 0 <= value <= MOST else None


def money(value: float | str | None) -> Decimal | None:
    """Amount in a cell or a field; None where none is written. Reads 1234.5, $1,234.50, 1.234,50 € and negative ones."""
    if value is None or isinstance(value, bool):
        return None
    text = re.sub(r"[^\d.,eE+-]", "", value) if isinstance(value, str) else repr(value)
    if re.fullmatch(r"-?[\d.]*,\d{1,2}", text):  # a comma before one or two last digits is a decimal comma
        text = text.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) <= MOST else None


class UsageLog:
    """Adds up person-days of one file; holds a number a person-day.

    Args:
        door: the entry gate, for identities and what is passed over.
        source: name of the source.
        totals: True to tell also the organisation's totals, where a log has rows no person bears.
    """

    def __init__(self, door: DoorLike, source: str, *, totals: bool = False) -> None:
        self.door = door
        self.source = source
        self._days: dict[tuple[date, str, ActorKind], dict[int, int]] = {}
        self._nobody: dict[tuple[date, str], int | None] = {}
        self._totals = totals

    def add(
        self,
        day: date,
        tool: str,
        actor: int,
        kind: ActorKind,
        interactions: int | None,
        *,
        active: bool | None = None,
        where: str = "",
    ) -> None:
        """Add what one record says.

        Args:
            day: UTC day.
            tool: which tool.
            actor: pseudonym; 0 counts as unattributed: no person-day, but part of the day's total.
            kind: person, bot or agent.
            interactions: how often; None where not measured.
            active: whether they did something; by default whether interactions is above 0.
            where: place of the record, for the operator.
        """
        if interactions is not None and not 0 <= interactions <= MOST:
            self.door.skip("impossible count", where=where)
            return
        if not actor:
            self.door.skip("unattributed", where=where)
            known = self._nobody.get((day, tool))
            self._nobody[day, tool] = known if interactions is None else (known or 0) + interactions
            return
        did = bool(interactions) if active is None else active
        people = self._days.setdefault((day, tool, kind), {})
        people[actor] = _sum(people.get(actor, 0), interactions, did)

    def rows(self) -> Iterator[UsageDay | UsageTotal]:
        """Rows of all that was added, each once, in order of day, tool and actor."""
        for (day, tool, kind), people in sorted(self._days.items()):
            for actor, packed in sorted(people.items()):
                interactions, active = _unpacked(packed)
                number = self.door.hashed(self.source, "usage", actor, tool, day.isoformat())
                # The packed number grows with both of its parts: it is the version that makes the fuller copy win.
                yield UsageDay(number, packed, day, actor, kind.value, tool, interactions, active, self.source)
        if self._totals:
            yield from self._total_rows()

    def _total_rows(self) -> Iterator[UsageTotal]:
        # Where only programs are told apart, how many people there were is not measured, which is not 0.
        seen = {(day, tool) for day, tool, kind in self._days if kind is ActorKind.PERSON}
        sums: dict[tuple[date, str], tuple[set[int], int | None]] = {}
        for (day, tool, kind), people in self._days.items():
            active, interactions = sums.get((day, tool), (set(), None))
            for actor, packed in people.items():
                count, did = _unpacked(packed)
                interactions = interactions if count is None else (interactions or 0) + count
                if did and kind is ActorKind.PERSON:
                    active.add(actor)
            sums[day, tool] = active, interactions
        for key in sorted(sums.keys() | self._nobody.keys()):
            people_active, interactions = sums.get(key, (None, None))
            extra = self._nobody.get(key)
            interactions = interactions if extra is None else (interactions or 0) + extra
            yield total(
                self.door,
                self.source,
                *key,
                people=len(people_active) if people_active is not None and key in seen else None,
                interactions=interactions,
            )


def total(
    door: DoorLike, source: str, day: date, tool: str, *, people: int | None, interactions: int | None, part: str = ""
) -> UsageTotal:
    """Row of an organisation's day; `part` tells slices of the organisation apart, such as its number at the vendor."""
    version = (interactions or 0) + (people or 0)
    return UsageTotal(door.hashed(source, "total", tool, day.isoformat(), part), version, day, tool, people, interactions, source)


class SpendLog:
    """Adds up the money of one file by day, tool, currency and part; exact until the end, so that order does not matter."""

    def __init__(self, door: DoorLike, source: str) -> None:
        self.door = door
        self.source = source
        self._sums: dict[tuple[date, str, str, str], Decimal] = {}

    def add(self, day: date, tool: str, amount: Decimal, currency: str, *, part: str = "") -> None:
        """Add an amount in whole units of its currency; `part` tells slices of the bill apart."""
        key = (day, tool, currency.strip().upper()[:3], part)
        self._sums[key] = self._sums.get(key, Decimal(0)) + amount

    def rows(self) -> Iterator[Spend]:
        """Rows of all that was added, each once; amounts rounded to a millionth."""
        for (day, tool, currency, part), amount in sorted(self._sums.items()):
            micros = int((amount * 1_000_000).to_integral_value())
            number = self.door.hashed(self.source, "spend", tool, day.isoformat(), currency, part)
            yield Spend(number, abs(micros), day, tool, micros / 1_000_000, currency, self.source)


def _sum(packed: int, interactions: int | None, active: bool) -> int:
    known, was = _unpacked(packed)
    count = known if interactions is None else (known or 0) + interactions
    return (0 if count is None else count + 1) << 1 | (active or was)


def _unpacked(packed: int) -> tuple[int | None, bool]:
    """(interactions, active) from one number: half the memory of a pair, for millions of person-days."""
    count = packed >> 1
    return (count - 1 if count else None), bool(packed & 1)
