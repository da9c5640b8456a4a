"""Reads a list of pull or merge requests as the code host's command line prints it, for what squashed commits lose."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from groundswell.model.reading import Act, ActRow, Job, Modality
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, TieKind, TieTrace, Trace
from groundswell.privacy.actors import Actor, classify
from groundswell.sources._days import instant
from groundswell.sources._git_marks import READER, Marks, load
from groundswell.sources._pages import has_keys, json_head, records
from groundswell.sources._rows import batches


class Account(msgspec.Struct, gc=False):
    """An account of the host, as gh, glab or the hosts' own APIs write it."""

    login: str | None = None
    username: str | None = None
    name: str | None = None
    is_bot: bool | None = None
    bot: bool | None = None
    type: str | None = None

    @property
    def handle(self) -> str:
        """Login, with the host's own suffix for the accounts of apps."""
        login = self.login or self.username or ""
        return f"{login[4:]}[bot]" if login.startswith("app/") else login


class Review(msgspec.Struct, gc=False):
    """A review somebody gave; its text is not decoded."""

    author: Account | None = None
    user: Account | None = None
    submittedAt: str | None = None  # noqa: N815 - the host's own name
    submitted_at: str | None = None


class Head(msgspec.Struct, gc=False):
    """The branch, as the REST API nests it."""

    ref: str | None = None


class Request(msgspec.Struct, gc=False):
    """A pull or merge request; title and text are not decoded."""

    number: int | None = None
    iid: int | None = None
    url: str | None = None
    html_url: str | None = None
    web_url: str | None = None
    author: Account | None = None
    user: Account | None = None
    assignees: list[Account] | None = None
    headRefName: str | None = None  # noqa: N815
    source_branch: str | None = None
    head: Head | None = None
    createdAt: str | None = None  # noqa: N815
    created_at: str | None = None
    mergedAt: str | None = None  # noqa: N815
    merged_at: str | None = None
    reviews: list[Review] | None = None
    reviewers: list[Account] | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON whose records have a number, a branch and a merge date under the names of gh, glab or the hosts' APIs."""
    start = json_head(path)
    gh = has_keys(start, "headRefName") and (has_keys(start, "createdAt") or has_keys(start, "author"))
    glab = has_keys(start, "source_branch", "iid")
    rest = has_keys(start, "head", "merged_at", "number") and has_keys(start, "requested_reviewers")
    return Export("pull_requests", path) if gh or glab or rest else None


def read(export: Export, door: DoorLike, *, marks: Marks | None = None) -> Iterator[Batch]:
    """Read each request as its author's trace, with the agent its branch or its author tells, and who reviewed it.

    Args:
        export: as `recognise` gave it.
        door: the entry gate.
        marks: rules for branch names; by default the shared ones and the company's own.

    Raises:
        InputError: the file cannot be opened, or holds no JSON at all.
    """
    rules = marks or load()

    def rows() -> Iterator[Trace | ActRow | TieTrace]:
        for where, request in records(export.path, door, Request, "values", "pull_requests", "merge_requests"):
            yield from _rows(request, where, door, rules)

    yield from batches(rows(), door)


def _rows(request: Request, where: str, door: DoorLike, marks: Marks) -> Iterator[Trace | ActRow | TieTrace]:
    opened = instant(request.createdAt or request.created_at or "")
    author = request.author or request.user
    if opened is None or author is None or not author.handle:
        door.skip("request without an author and a date", where=where)
        return
    place, key = _identity(request, author, opened, door)
    what = _kind(author, marks)
    actor = _person(author, door)
    yield Trace(key, 0, opened.date(), actor, what.kind.value, place, "pull_requests")
    branch = request.headRefName or request.source_branch or (request.head.ref if request.head else None) or ""
    found = {("agent branch", marks.branch(branch)), ("agent author", what.tool if what.kind is ActorKind.AGENT else "")}
    asked = actor if what.kind is ActorKind.PERSON else _requester(request, door, marks)
    for channel, tool in sorted(found):
        if not tool or what.kind is ActorKind.BOT:
            continue
        if not asked:
            door.skip("unattributable agent request", where=where)
            break
        yield _act(key, opened, asked, tool, channel, place)
    if what.kind is ActorKind.PERSON:
        yield from _ties(request, key, actor, door, marks)


def _ties(request: Request, key: int, actor: int, door: DoorLike, marks: Marks) -> Iterator[TieTrace]:
    """Who reviewed: a review given counts on its day; one that glab only lists as assigned counts once merged."""
    given = [(r.author or r.user, r.submittedAt or r.submitted_at or "") for r in request.reviews or []]
    given += [(account, request.merged_at or request.mergedAt or "") for account in request.reviewers or []]
    seen = set()
    for account, text in given:
        when = instant(text)
        if account is None or when is None or not _reviews_by_hand(account, marks):
            continue
        whom = _person(account, door)
        if whom and whom != actor and (whom, when.date()) not in seen:
            seen.add((whom, when.date()))
            identity = door.hashed("pull_requests", key, whom, when.date().isoformat())
            yield TieTrace(identity, 0, when.date(), whom, actor, TieKind.REVIEW.value, "pull_requests")


def _act(key: int, opened: datetime, actor: int, tool: str, channel: str, place: int) -> ActRow:
    return ActRow(
        id=key, version=0, ts=opened, actor=actor, actor_kind=ActorKind.PERSON.value, act=Act.USES.value,
        modality=Modality.DONE.value, tool=tool, job=Job.CODING.value, place=place, thread=0, readers=None, whom=0,
        channel=channel, reason=False, deadline=False, obligation=False, sanction=False, limit=False, example=False,
        permission=False, reasons=0, drop="", score=1.0, reader=READER, source="pull_requests",
    )  # fmt: skip


def _identity(request: Request, author: Account, opened: datetime, door: DoorLike) -> tuple[int, int]:
    """Hashes of the repository and of the request; without an address the place is unknown and the request stands for itself."""
    number = request.number if request.number is not None else request.iid
    address = urlsplit(request.html_url or request.web_url or request.url or "")
    repository = address.path.lower().partition("/-/")[0].partition("/pull")[0].strip("/")
    if not address.netloc or not repository:
        return 0, door.hashed("pull_requests", number or 0, author.handle, opened.isoformat())
    where = f"{address.netloc.lower()}/{repository}"
    return door.hashed("pull_requests", where), door.hashed("pull_requests", where, number or 0)


def _kind(account: Account, marks: Marks) -> Actor:
    email = f"{account.handle}@users.noreply.github.com"
    own = marks.agent(account.name or "", email)
    if own:
        return Actor(ActorKind.AGENT, own)
    found = classify(email=email, login=account.handle)
    if found.kind is ActorKind.PERSON and (account.is_bot or account.bot or account.type == "Bot"):
        return Actor(ActorKind.BOT)
    return Actor(ActorKind.BOT) if found.review else found


def _reviews_by_hand(account: Account, marks: Marks) -> bool:
    """Whether a reviewer is a person; gh writes an app that reviews without the suffix that tells it from one."""
    app = classify(email=f"{account.handle}[bot]@users.noreply.github.com")
    return _kind(account, marks).kind is ActorKind.PERSON and not app.tool


def _person(account: Account, door: DoorLike) -> int:
    return door.person(login=account.handle, name=account.name or "")


def _requester(request: Request, door: DoorLike, marks: Marks) -> int:
    """The person an agent works for: the first person the request is assigned to."""
    for account in request.assignees or []:
        if account.handle and _kind(account, marks).kind is ActorKind.PERSON:
            return _person(account, door)
    return 0


SOURCE = Source(
    name="pull_requests",
    title="List of pull or merge requests",
    family=Family.CODE,
    fields=("number", "url", "author", "assignees", "branch", "created", "merged", "reviews: author and date", "reviewers"),
    shows=(
        "agents' branches that trailers miss, Codex above all",
        "who asked an agent for a request",
        "who reviews whose work",
    ),
    never=("titles and texts of requests and reviews", "commits and files", "use that leaves no mark in a branch or an author"),
    traps=(
        "a branch named for an agent says that the work began there, not how much of it the agent did",
        "GitLab lists reviewers who were asked, not who answered: they count once the request is merged",
        "requests of the same repository as a git history show the same work twice: compare people and weeks, not counts",
        "without url among the fields the repository is unknown",
    ),
    recognise=recognise,
    read=read,
)
