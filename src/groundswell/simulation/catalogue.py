"""What every simulated company is made of: roles, the jobs they do, tools and when they appear."""

from dataclasses import dataclass

from groundswell.model.reading import Job

JOBS: tuple[str, ...] = tuple(job.value for job in Job)
JOB: dict[str, int] = {name: code for code, name in enumerate(JOBS)}


@dataclass(frozen=True, slots=True)
class Department:
    """A department, which is also a role.

    Attributes:
        name: as the org chart writes it.
        role: job family as the org chart writes it.
        share: of the company's people.
        jobs: kinds of work done there, and how often one of them is what a tool is tried on.
        code: whether its people commit.
    """

    name: str
    role: str
    share: float
    jobs: tuple[tuple[str, float], ...]
    code: bool = False


DEPARTMENTS: tuple[Department, ...] = (
    Department(
        "Engineering",
        "Engineer",
        0.36,
        (("coding", 4), ("debugging", 3), ("review", 2), ("testing", 2), ("automation", 2), ("documentation", 1)),
        code=True,
    ),
    Department("Support", "Support agent", 0.20, (("support", 5), ("documentation", 2), ("translation", 1), ("automation", 1))),
    Department("Sales", "Account manager", 0.12, (("revops", 3), ("forecasting", 2), ("writing", 2), ("research", 1))),
    Department("Operations", "Operations analyst", 0.10, (("operations", 3), ("automation", 2), ("analysis", 2))),
    Department("Finance", "Accountant", 0.09, (("closing", 3), ("forecasting", 3), ("analysis", 2))),
    Department("Marketing", "Marketer", 0.08, (("marketing", 3), ("writing", 2), ("translation", 2), ("design", 1))),
    Department("People", "Recruiter", 0.05, (("recruiting", 3), ("meetings", 2), ("legal", 1))),
)


@dataclass(frozen=True, slots=True)
class Work:
    """Something that is to be done again and again, and can be counted.

    Attributes:
        kind: what one of them is called.
        department: whose it is.
        job: its kind of work.
        a_week: how many come to one person in a week; of what is due at the end of the month, how many at each.
        hours: how long one takes half the time.
        month_end: whether it is due on the last three working days of the month.
    """

    kind: str
    department: str
    job: str
    a_week: float
    hours: float
    month_end: bool = False


WORK: tuple[Work, ...] = (
    Work("ticket", "Support", "support", 12.0, 0.6),
    Work("release", "Engineering", "coding", 0.5, 6.0),
    Work("bug", "Engineering", "debugging", 1.0, 3.0),
    Work("forecast", "Sales", "forecasting", 0.25, 4.0),
    Work("report", "Operations", "analysis", 0.5, 5.0),
    Work("close", "Finance", "closing", 1.0, 8.0, month_end=True),
    Work("forecast", "Finance", "forecasting", 0.25, 4.0),
    Work("report", "Marketing", "marketing", 0.5, 5.0),
    Work("report", "People", "recruiting", 0.5, 3.0),
)
LEADERSHIP = Department("Leadership", "Director", 0.0, (("meetings", 2), ("writing", 2), ("analysis", 1)))


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and what the world lets it do.

    Attributes:
        name: canonical name.
        label: how people write it, unless they write it otherwise.
        weight: how often it is what people start with, once it exists.
        week: first week it can be had; 0 from the start.
        renamed: week in which its label changes; None if never.
        later: its label from then on.
        code: suited to code; other tools suit every job.
        logged: its vendor keeps a log of use by person and day.
        price: price of a seat a month, in EUR.
    """

    name: str
    label: str
    weight: float
    week: int = 0
    renamed: int | None = None
    later: str = ""
    code: bool = False
    logged: bool = False
    price: float = 20.0


TOOLS: tuple[Tool, ...] = (
    Tool("copilot", "Copilot", 2.0, logged=True, code=True, price=19.0),
    Tool("chatgpt", "ChatGPT", 3.0, price=25.0),
    Tool("claude", "Claude", 2.5, price=28.0, logged=True),
    Tool("cursor", "Cursor", 1.5, week=6, code=True, price=32.0),
    Tool("gemini", "Gemini", 1.5, week=10, price=22.0),
    Tool("m365_copilot", "Copilot in Excel", 1.5, week=14, logged=True, price=28.1, renamed=34, later="M365 Copilot"),
    Tool("codex", "Codex", 1.0, week=20, code=True, price=20.0),
    Tool("harbour", "Harbour Code", 1.0, week=26, code=True, price=0.0, renamed=44, later="Harbour Desktop"),
)
TOOL: dict[str, int] = {tool.name: code for code, tool in enumerate(TOOLS)}
CODE_JOBS: frozenset[str] = frozenset({"coding", "debugging", "review", "testing", "automation", "documentation"})
SEAT_ORDER: tuple[str, ...] = ("copilot", "claude", "m365_copilot", "chatgpt")  # what a company buys first

SITES: tuple[tuple[str, str, float], ...] = (("Lyon", "fr", 0.35), ("Leeds", "en", 0.45), ("Da Nang", "vi", 0.20))
REASONS: tuple[str, ...] = ("goal", "problem", "for whom", "limits", "permission to fail")  # bit i of a reasons set
