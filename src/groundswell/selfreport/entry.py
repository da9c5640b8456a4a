"""An entry of the logbook: what it says, who sees it, and how it lies in the book."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from unicodedata import combining, normalize

import sqlalchemy as sa

from groundswell.languages.load import tools
from groundswell.model.reading import DropKind, Job
from groundswell.selfreport.accounts import ACCOUNTS, Member
from groundswell.selfreport.base import METADATA
from groundswell.selfreport.markdown import cleaned, gist, html

LONGEST = {"title": 160, "tool": 60, "tried": 4_000, "happened": 4_000, "learned": 2_000, "link": 500}
"""Characters of each field: half a minute's worth, and room for who has more to say."""

ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), index=True),
    sa.Column("edit_key", sa.Text),
    sa.Column("visible", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("tool", sa.Text, nullable=False),
    sa.Column("tool_key", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("tried", sa.Text, nullable=False),
    sa.Column("happened", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("drop_kind", sa.Text, nullable=False),
    sa.Column("learned", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("parent", sa.ForeignKey("entries.id", ondelete="set null"), index=True),
    sa.Column("found_by", sa.Text, nullable=False),
    sa.Column("pen", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("gist", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("html", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("day", sa.Date, nullable=False),
    sa.Index("ix_entries_practice", "job", "tool_key", "visible", "unit", "account"),
    sa.Index("ix_entries_day", "day", "id"),
    sqlite_with_rowid=False,
)
"""One row an entry. One without a name has no account, no unit, no link, and of its day only the month: what leads to its author
is a code that only they hold, of which the book keeps a digest; it may have a pen name. Rows lie in the order of random numbers.

`gist` and `html` are made of the texts when they are written. Made when they are read, they would cost each reader a millisecond;
kept in memory from one reader for the next, they would tell by the time of an answer whether somebody had read it before.
"""


class Visible(StrEnum):
    """Who sees an entry."""

    ME = "me"
    TEAM = "team"
    EVERYONE = "everyone"
    NAMELESS = "nameless"


class Outcome(StrEnum):
    """What became of it."""

    KEPT = "kept"
    DROPPED = "dropped"
    OPEN = "open"


SEEN = sa.or_(
    ENTRIES.c.visible == str(Visible.EVERYONE),
    ENTRIES.c.visible == str(Visible.NAMELESS),
    sa.and_(ENTRIES.c.visible == str(Visible.TEAM), ENTRIES.c.unit == sa.bindparam("readers_unit"), ENTRIES.c.unit != ""),
    ENTRIES.c.account == sa.bindparam("reader"),
)
"""The one rule of who sees an entry; every query of the logbook holds to it. `as_seen_by` fills it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the half-minute form says; texts are Markdown, "" where nothing is said.

    Attributes:
        title: the dull job.
        job: its kind of work.
        tool: as its author writes it.
        tried, happened, learned: what they say of it.
        outcome: kept, dropped or still open.
        drop: why it was dropped; ABANDONED unless they say otherwise.
        visible: who may see it.
        link: address of a chat message of the author's own; never with an entry without a name.
        parent: number of the entry it changes something of; "" for none.
    """

    title: str
    tool: str
    outcome: Outcome
    visible: Visible
    job: Job = Job.UNKNOWN
    tried: str = ""
    happened: str = ""
    learned: str = ""
    drop: DropKind = DropKind.ABANDONED
    link: str = ""
    parent: str = ""


class Shown(NamedTuple):
    """The texts of an entry as HTML; "" where nothing is said."""

    tried: str
    happened: str
    learned: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An entry as one reader may see it.

    Attributes:
        id: its number.
        told: what it says.
        tool_key: canonical name of the tool.
        day: when it was told; the first of its month for one without a name.
        author: name of whoever told it; "" for one without a name.
        pen: the name its author made up for it; "" for none.
        own: whether the reader told it, by name.
        gist: the beginning of what it says, plain.
        made: the HTML of its texts as it was made, not yet cleaned again; "" if it was written by an earlier version.
    """

    id: str
    told: Told
    tool_key: str
    day: date
    author: str
    pen: str
    own: bool
    gist: str
    made: str

    @property
    def nameless(self) -> bool:
        """Whether it has no name."""
        return self.told.visible is Visible.NAMELESS

    @property
    def shown(self) -> Shown:
        """Its texts as HTML that can show and do nothing else; what lies in the book is not believed to be so."""
        texts = (self.told.tried, self.told.happened, self.told.learned)
        return Shown(*map(cleaned, json.loads(self.made))) if self.made else Shown(*map(html, texts))


def written(told: Told, pen: str) -> dict[str, str]:
    """What is made of an entry's texts when they are written, by column."""
    texts = (told.tried.strip(), told.happened.strip(), told.learned.strip())
    return {
        "pen": pen,
        "gist": gist(texts[2] or texts[1] or texts[0]),
        "html": json.dumps([html(text) for text in texts], ensure_ascii=False),
    }


def as_seen_by(who: Member) -> dict[str, str]:
    """What fills SEEN for a reader."""
    return {"reader": who.account, "readers_unit": who.unit}


def tool_key(tool: str) -> str:
    """One name for all the names of a tool: that of languages/tools.toml, else its own in small letters; "any" for none."""
    plain = " ".join(re.findall(r"[^\W_]+", tool)).casefold()
    return _known_tools().get(plain, plain.replace(" ", "_")) or "any"


def folded(text: str) -> str:
    """A text as it is searched: small letters without accents."""
    return "".join(c for c in normalize("NFKD", text).casefold() if not combining(c))


_READ = (
    *("id", "account", "visible", "job", "tool", "tool_key", "title", "tried", "happened", "outcome", "drop_kind", "learned"),
    *("link", "parent", "day", "pen", "gist", "html"),
)
"""Columns of an entry that is read, as `entry_of` takes them."""

_OUTCOMES, _VISIBLES = {str(one): one for one in Outcome}, {str(one): one for one in Visible}
_JOBS, _DROPS = {str(one): one for one in Job}, {str(one): one for one in DropKind}


@cache
def seen_entries() -> sa.Select[Any]:
    """Entries whoever `as_seen_by` fills in may see, each with its author's name."""
    return (
        sa.select(*(ENTRIES.c[name] for name in _READ), ACCOUNTS.c.name.label("author"))
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == ENTRIES.c.account)
        .where(SEEN)
    )


def entry_of(row: Any, who: Member) -> Entry:
    """A row of `seen_entries` as its reader may see it."""
    number, account, visible, job, tool, key, title, tried, happened, outcome, drop, learned, link, parent, *more = row
    day, pen, beginning, made, author = more
    told = Told(
        title=title,
        tool=tool,
        outcome=_OUTCOMES[outcome],
        visible=_VISIBLES[visible],
        job=_JOBS[job],
        tried=tried,
        happened=happened,
        learned=learned,
        drop=_DROPS[drop or DropKind.ABANDONED],
        link=link,
        parent=parent or "",
    )
    return Entry(
        id=number,
        told=told,
        tool_key=key,
        day=day,
        author=author or "",
        pen=pen,
        own=account == who.account,
        gist=beginning if made else gist(learned or happened or tried),
        made=made,
    )


@cache
def _known_tools() -> dict[str, str]:
    """Every plain name of a tool -> the canonical one."""
    found: dict[str, str] = {}
    for tool, entry in tools().items():
        names: Sequence[str] = [tool.replace("_", " "), entry["name"], *entry.get("homonyms", ()), *entry.get("names", ())]
        found.update({" ".join(re.findall(r"[^\W_]+", name)).casefold(): tool for name in names})
    return found
