"""A team decides once a year, in secret, whether it wants to see its own counts; nobody can see them without that."""

import hashlib
import hmac
from dataclasses import InitVar, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.errors import PrivacyError
from groundswell.model.phrase import say
from groundswell.privacy.protection import DEFAULT, Protection
from groundswell.privacy.team import BALLOT_DAYS, LASTS_DAYS, decided
from groundswell.selfreport.accounts import ACCOUNTS, Member, new_number
from groundswell.selfreport.base import METADATA, upsert
from groundswell.selfreport.declined import Declined

SETTLED_DAYS = 91
"""Whoever joined a team after its ballot sees what it sees after a quarter: an account made up to look is not one of it."""

BALLOTS = sa.Table(
    "ballots",
    METADATA,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("opened", sa.Date, nullable=False),
    sa.Column("closes", sa.Date, nullable=False),
    sa.Column("wanted", sa.Boolean),
    sqlite_with_rowid=False,
)
"""The latest ballot of a team; how many voted, and how, is erased once it is over: only what was decided stays."""

CLAIMS = sa.Table("ballot_claims", METADATA, sa.Column("key", sa.LargeBinary, primary_key=True), sqlite_with_rowid=False)
"""Votes that were given: hashes that only the server's secret can tie to an account; no account, no day, no order."""

VOTES = sa.Table(
    "ballot_votes",
    METADATA,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("yes", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""What was voted, under random numbers, until it is counted; in no backup."""

VIEWS = sa.Table(
    "team_views",
    METADATA,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What a team was shown of its last quarter, sealed with the server's secret; made once, so that no second can be subtracted."""

_seal = object()
"""Held by this module alone: a mandate made anywhere else is a forgery."""


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """That a team voted to see its own counts, and that whoever asks belongs to it.

    Attributes:
        unit: the team's name, as the org chart writes it.
        until: last day on which it holds.
    """

    unit: str
    until: date
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _seal:
            raise PrivacyError("team view", "a mandate was made outside the ballot")


class Stage(StrEnum):
    """Where a team's ballot stands."""

    NONE = "none"  # nobody has asked for one, or the last is a year old
    OPEN = "open"
    NO = "no"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Stand:
    """What a member is told of their team's ballot: never how many voted, nor how.

    Attributes:
        stage: where it stands.
        until: last day of the ballot, or of what was decided; None without one.
        voted: whether whoever asks has voted.
        may_vote: whether they belonged to the team before it was opened.
    """

    stage: Stage
    until: date | None = None
    voted: bool = False
    may_vote: bool = False


def stand(connection: Connection, who: Member, *, secret: bytes, now: datetime) -> Stand:
    """Where the ballot of the team of whoever asks stands; a ballot that is over was counted before by `settle`."""
    row = _ballot(connection, who.unit, now.date())
    if row is None:
        return Stand(Stage.NONE)
    if row.wanted is None:
        voted = connection.execute(sa.select(CLAIMS.c.key).where(CLAIMS.c.key == _claim(secret, who, row.opened))).first()
        return Stand(Stage.OPEN, row.closes, voted is not None, _belonged(connection, who, row.opened))
    return Stand(Stage.YES if row.wanted else Stage.NO, _lasts(row.closes))


def open_ballot(connection: Connection, who: Member, *, now: datetime, protection: Protection = DEFAULT) -> None:
    """Open the ballot of one's own team.

    Raises:
        Declined: one has no team, it is too small, or it decided within a year.
    """
    today = now.date()
    if not who.unit or _members(connection, who.unit, today + timedelta(days=1)) < protection.least_own_view:
        least = int(protection.least_own_view)
        raise Declined(say("A team votes from {least:count} members on.", least=least))
    if _ballot(connection, who.unit, today) is not None:
        raise Declined(say("Your team has a ballot, or decided within a year."))
    row = {"opened": today, "closes": today + timedelta(days=BALLOT_DAYS), "wanted": None}
    put = upsert(connection, BALLOTS).values(unit=who.unit, **row)
    connection.execute(put.on_conflict_do_update(index_elements=["unit"], set_=row))


def vote(connection: Connection, who: Member, *, yes: bool, secret: bytes, now: datetime) -> None:
    """Give one's one vote, which nothing ties to whoever gave it.

    Raises:
        Declined: no ballot is open, one joined after it was opened, or one has voted.
    """
    row = _ballot(connection, who.unit, now.date())
    if row is None or row.wanted is not None or row.closes < now.date():
        raise Declined(say("No ballot of your team is open."))
    if not _belonged(connection, who, row.opened):
        raise Declined(say("Whoever belonged to the team before the ballot was opened may vote."))
    put = upsert(connection, CLAIMS).values(key=_claim(secret, who, row.opened))
    if connection.execute(put.on_conflict_do_nothing().returning(CLAIMS.c.key)).first() is None:
        raise Declined(say("You have voted; a vote cannot be found again, so it cannot be changed."))
    connection.execute(VOTES.insert().values(number=new_number(), unit=who.unit, yes=yes))


def due(connection: Connection, *, now: datetime) -> bool:
    """Whether some ballot is over and not counted."""
    return connection.execute(_over(now)).first() is not None


def settle(connection: Connection, *, now: datetime, protection: Protection = DEFAULT) -> list[bool]:
    """Count every ballot that is over, keep what was decided, and erase the votes.

    Returns:
        What was decided, one a ballot, in no order that names a team.
    """
    found = []
    for row in connection.execute(_over(now)).all():
        yes = connection.execute(
            sa.select(sa.func.count()).select_from(VOTES).where(VOTES.c.unit == row.unit, VOTES.c.yes)
        ).scalar_one()
        wanted = decided(members=_members(connection, row.unit, row.opened), yes=yes, protection=protection)
        connection.execute(BALLOTS.update().where(BALLOTS.c.unit == row.unit).values(wanted=wanted))
        connection.execute(VOTES.delete().where(VOTES.c.unit == row.unit))
        connection.execute(VIEWS.delete().where(VIEWS.c.unit == row.unit))
        found.append(wanted)
    if found and connection.execute(sa.select(BALLOTS.c.unit).where(BALLOTS.c.wanted.is_(None))).first() is None:
        connection.execute(CLAIMS.delete())
    return sorted(found)


def mandate_of(connection: Connection, who: Member, *, now: datetime, protection: Protection = DEFAULT) -> Mandate | None:
    """The mandate of the team of whoever asks; None if it did not vote for it, is too small now, or they joined it since."""
    row = _ballot(connection, who.unit, now.date())
    settled = now.date() - timedelta(days=SETTLED_DAYS)
    if row is None or not row.wanted or not _belonged(connection, who, max(row.closes, settled)):
        return None
    if _members(connection, who.unit, now.date()) < protection.least_own_view:
        return None
    return Mandate(unit=who.unit, until=_lasts(row.closes), seal=_seal)


def kept_view(connection: Connection, mandate: Mandate, quarter: str, *, secret: bytes) -> bytes | None:
    """What the team was shown of a quarter; None if nothing was yet."""
    from nacl.secret import SecretBox

    mine = (VIEWS.c.unit == mandate.unit) & (VIEWS.c.quarter == quarter)
    sealed = connection.execute(sa.select(VIEWS.c.sealed).where(mine)).scalar()
    return None if sealed is None else SecretBox(_keyed(secret, "seal")).decrypt(bytes(sealed))


def keep_view(connection: Connection, mandate: Mandate, quarter: str, content: bytes, *, secret: bytes) -> None:
    """Keep what a team is shown of a quarter, for all of it; the first one stays, and takes the place of the quarter before."""
    from nacl.secret import SecretBox

    connection.execute(VIEWS.delete().where(VIEWS.c.unit == mandate.unit, VIEWS.c.quarter < quarter))
    sealed = bytes(SecretBox(_keyed(secret, "seal")).encrypt(content))
    put = upsert(connection, VIEWS).values(unit=mandate.unit, quarter=quarter, sealed=sealed)
    connection.execute(put.on_conflict_do_nothing())


def _over(now: datetime) -> "sa.Select[tuple[str, date]]":
    return sa.select(BALLOTS.c.unit, BALLOTS.c.opened).where(BALLOTS.c.wanted.is_(None), BALLOTS.c.closes < now.date())


def _ballot(connection: Connection, unit: str, today: date) -> "sa.Row[tuple[object, ...]] | None":
    """The team's ballot, unless what it decided is a year old."""
    row = connection.execute(sa.select(BALLOTS).where(BALLOTS.c.unit == unit)).one_or_none() if unit else None
    return None if row is None or _lasts(row.closes) < today else row


def _lasts(closes: date) -> date:
    return closes + timedelta(days=LASTS_DAYS)


def _members(connection: Connection, unit: str, before: date) -> int:
    """Accounts of a team that were there before a day."""
    theirs = (ACCOUNTS.c.unit == unit) & (ACCOUNTS.c.since < before)
    return connection.execute(sa.select(sa.func.count()).select_from(ACCOUNTS).where(theirs)).scalar_one()


def _belonged(connection: Connection, who: Member, opened: date) -> bool:
    since = connection.execute(sa.select(ACCOUNTS.c.since).where(ACCOUNTS.c.id == who.account)).scalar()
    return since is not None and since < opened


def _claim(secret: bytes, who: Member, opened: date) -> bytes:
    return hashlib.sha256(_keyed(secret, who.account, opened.isoformat())).digest()


def _keyed(secret: bytes, *parts: str) -> bytes:
    return hmac.new(secret, "\x1f".join(("ballot", *parts)).encode("utf8", "surrogatepass"), hashlib.sha256).digest()
