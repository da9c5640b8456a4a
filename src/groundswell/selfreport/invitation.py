"""The invitation to the quiet ones: a paragraph on one's own page that does not say who is meant, and a safe way out."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import say
from groundswell.model.reading import Job
from groundswell.privacy.consent import Held, left_after, plan
from groundswell.selfreport import logbook
from groundswell.selfreport.accounts import Member, Role, digest, member_of, new_number, new_secret
from groundswell.selfreport.base import METADATA, reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.entry import ENTRIES, Outcome, Told, Visible

MATCHING, COVER = 0.9, 0.4
"""Chance of the paragraph for those who match, and for everybody else: who sees it gains odds of 2.25 at most, who does not
of a sixth at least (measures.md, M9)."""

LEAST_WEEKS = 3
"""Weeks with something of one's own, before one may have what others have not seen."""

LONGEST_PEN = 40

ESCROW = sa.Table(
    "escrow",
    METADATA,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), index=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("pen", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("tool", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("alone", sa.Boolean, nullable=False),
    sa.Column("batch", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("on", sa.Date),
    sqlite_with_rowid=False,
)
"""What waits to be shown. Under a pen name it has no account: what leads to its author is a code that only they hold."""


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One thing somebody did with AI, by their own traces.

    Attributes:
        day: when.
        shared: whether others can have seen it there.
    """

    day: date
    shared: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What somebody wants to tell.

    Attributes:
        title: the dull job.
        tool: what they tried.
        job: its kind of work.
        text: in their own words.
        pen: the name it bears; "" for their own.
        alone: whether it may go without others to hide among.
    """

    title: str
    tool: str
    job: str
    text: str
    pen: str = ""
    alone: bool = False


def matches(acts: Iterable[OwnAct], year: int) -> bool:
    """Whether somebody may have what others have not seen: weeks of their own doing, and nothing shown to others.

    Only what is dated before the year counts. Otherwise the paragraph could appear between two looks at one page, and its
    appearing would say for certain what it must not say.
    """
    before = [act for act in acts if act.day < date(year, 1, 1)]
    weeks = {act.day.isocalendar()[:2] for act in before}
    return len(weeks) >= LEAST_WEEKS and not any(act.shared for act in before)


def invited(secret: bytes, account: str, year: int, *, match: bool) -> bool:
    """Whether the paragraph stands on a person's page: one draw a person and year, the same however often it is looked at.

    Args:
        secret: of the server.
        account: whose page.
        year: calendar year.
        match: as `matches` says of them.
    """
    told = hmac.new(secret, f"invitation\x1f{account}\x1f{year}".encode("utf8", "surrogatepass"), hashlib.sha256).digest()
    drawn = int.from_bytes(told[:8], "big") / 2**64
    return drawn < (MATCHING if match else COVER)


def own_acts(connection: Connection, account: str) -> list[OwnAct]:
    """What somebody told the logbook under their own account."""
    rows = connection.execute(sa.select(ENTRIES.c.day, ENTRIES.c.visible).where(ENTRIES.c.account == account)).all()
    return [OwnAct(row.day, row.visible == Visible.EVERYONE) for row in rows]


def offer(connection: Connection, story: Story, who: Member, *, now: datetime) -> str:
    """Put a story where it waits; its code takes it back until it goes, and changes or erases it afterwards.

    Raises:
        Declined: it is too long or empty, or holds a secret key.
    """
    if len(story.pen) > LONGEST_PEN or not story.text.strip():
        raise Declined(say("Say in your own words what it is; a pen name is short."))
    logbook.checked(connection, _told(story), who)
    code = new_secret()
    values = {"title": story.title, "tool": story.tool, "job": story.job, "text": story.text, "pen": " ".join(story.pen.split())}
    account = None if story.pen else who.account
    connection.execute(
        ESCROW.insert().values(
            number=new_number(), account=account, code=digest(code), alone=story.alone, batch="", size=0, on=None, **values
        )
    )
    _write(connection, plan(_held(connection), now.date()))
    return code


def withdraw(connection: Connection, code: str) -> bool:
    """Take a story back before it goes; False if this code takes none back (any more)."""
    rows = connection.execute(sa.select(ESCROW).where(ESCROW.c.code == digest(code.strip()))).all()
    for row in rows:
        connection.execute(ESCROW.delete().where(ESCROW.c.number == row.number))
        _write(connection, left_after(_held(connection), _one(row)))
    return bool(rows)


def let_due_go(book: sa.Engine, *, now: datetime) -> int:
    """Let go what has come to its day, if anything has: to see that nothing has, nobody has to write."""
    with reading(book) as connection:
        due = connection.execute(sa.select(ESCROW.c.number).where(ESCROW.c.on <= now.date()).limit(1)).first()
    if due is None:
        return 0
    with writing(book) as connection:
        return let_go(connection, now=now)


def let_go(connection: Connection, *, now: datetime) -> int:
    """Put into the logbook what has come to its day; how many there were."""
    due = connection.execute(sa.select(ESCROW).where(ESCROW.c.on <= now.date()).order_by(ESCROW.c.number)).all()
    for row in due:
        connection.execute(ESCROW.delete().where(ESCROW.c.number == row.number))
        story = Story(row.title, row.tool, row.job, row.text, row.pen, row.alone)
        who = member_of(connection, row.account) if row.account else Member("", "", "", Role.MEMBER, leads=False)
        if who is None:
            continue
        number, _ = logbook.tell(connection, _told(story), who, now=now, pen=story.pen)
        if row.pen:  # the code its author holds is the one that changes the entry
            connection.execute(ENTRIES.update().where(ENTRIES.c.id == number).values(edit_key=row.code))
    return len(due)


def _told(story: Story) -> Told:
    visible = Visible.NAMELESS if story.pen else Visible.EVERYONE
    job = Job(story.job) if story.job in set(Job) else Job.UNKNOWN
    return Told(title=story.title, tool=story.tool, tried=story.text.strip(), outcome=Outcome.OPEN, visible=visible, job=job)


def _held(connection: Connection) -> list[Held]:
    return [_one(row) for row in connection.execute(sa.select(ESCROW).order_by(ESCROW.c.number)).all()]


def _one(row: "sa.Row[tuple[object, ...]]") -> Held:
    return Held(row.number, row.alone, row.batch, row.size, row.on)


def _write(connection: Connection, changed: Iterable[Held]) -> None:
    for one in changed:
        values = {"batch": one.batch, "size": one.size, "on": one.on}
        connection.execute(ESCROW.update().where(ESCROW.c.number == one.number).values(**values))
