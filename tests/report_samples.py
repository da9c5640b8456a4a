"""Invented findings and pages: every shape, withheld results, a full page, a page from git alone, a second company beside it."""

import math
from datetime import date

from groundswell.model.measure import Counts, Exit, Finding, Line, Mark, Measure, Picture, Point, Result, Shape, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.report.hypotheses import CLAIMS
from groundswell.report.page import Answerable, HypothesisVerdict, Page, Published, Says, SourceCoverage, Spent

START, END = date(2025, 3, 3), date(2026, 8, 30)
PLANTED = "<script>alert(1)</script> & Sons"
_EPOCH = date(1970, 1, 1)
_FIRST = (START - _EPOCH).days


def result(
    measure: str, key: str, label: Phrase, values: tuple[float, float, float], unit: str, people: int, units: int
) -> Result:
    """A published result."""
    return Result(
        measure=measure,
        key=key,
        label=label,
        start=START,
        end=END,
        estimate=values[0],
        low=values[1],
        high=values[2],
        unit=unit,
        n_people=people,
        n_units=units,
        verdict=Verdict.PUBLISHED,
    )


def withheld(measure: str, key: str, label: Phrase, reason: Phrase, unlock: Phrase, unit: str = "share") -> Result:
    """A result held back, with its reason and what would unlock it."""
    return Result(
        measure=measure,
        key=key,
        label=label,
        start=START,
        end=END,
        estimate=None,
        low=None,
        high=None,
        unit=unit,
        n_people=6,
        n_units=3,
        verdict=Verdict.WITHHELD,
        reason=reason,
        unlock=unlock,
    )


def follow_through(share: float = 0.17, drift: float = 2.1) -> Finding:
    """M1, with a curve and talk beside use over the weeks."""
    curve = tuple(
        Point(
            x=float(day),
            value=share * (1 - math.exp(-day / 30)),
            low=0.6 * share * (1 - math.exp(-day / 30)),
            high=1.5 * share * (1 - math.exp(-day / 30)),
            at_risk=41 - day // 4,
        )
        for day in range(0, 91, 3)
    )
    return Finding(
        measure="said_done",
        sentence=say(
            "Of what was announced, {share:percent} was taken up by others within {horizon:days}; "
            "talk about AI grew {drift:ratio} times as much as use.",
            share=share,
            horizon=90,
            drift=drift,
        ),
        results=(
            result(
                "said_done",
                "follow_through",
                say("Announced, and taken up within 90 days"),
                (share, share * 0.6, share * 1.5),
                "share",
                212,
                41,
            ),
            result(
                "said_done", "quiet_share", say("Taken up without ever being announced"), (0.58, 0.44, 0.71), "share", 187, 66
            ),
            result(
                "said_done",
                "drift",
                say("Growth of talk against growth of use"),
                (drift, drift * 0.75, drift * 1.4),
                "ratio",
                212,
                41,
            ),
        ),
        pictures=(
            Picture(
                key="follow_through",
                shape=Shape.SURVIVAL,
                title=say("What was announced, and then taken up by others"),
                x_label=say("days since the announcement"),
                y_label=say("share of announcements taken up by at least two other people"),
                lines=(Line(name=say("Taken up, corroborated"), points=curve),),
                alt=say("A curve that rises to {share:percent} after 90 days.", share=share),
            ),
        ),
        known=say(
            "From {n:count} announcement in public channels | From {n:count} announcements in public channels. "
            "What was said in private channels or meetings is not seen.",
            n=41,
        ),
    )


def adoption(level: float = 0.22) -> Finding:
    """The adoption picture: three lines over weeks and three dated marks."""

    def weekly(low: float, high: float, middle: float) -> tuple[Point, ...]:
        points = []
        for week in range(78):
            value = low + (high - low) / (1 + math.exp(-(week - middle) / 7)) + 0.012 * math.sin(week * 1.7)
            points.append(Point(x=_FIRST + 7.0 * week, value=value, low=max(0.0, value - 0.03), high=value + 0.03))
        return tuple(points)

    return Finding(
        measure="adoption",
        sentence=say(
            "In an ordinary week {share:percent} of the people who left any trace used AI in their work, "
            "and two sources agree on it.",
            share=level,
        ),
        results=(
            result(
                "adoption",
                "weekly_share",
                say("People using AI in an ordinary week"),
                (level, level - 0.03, level + 0.03),
                "share",
                240,
                9120,
            ),
            withheld(
                "adoption",
                "change",
                say("Change since a year ago"),
                say("a new source began in between, so the two windows do not see the same things"),
                say("one more year with the same sources"),
            ),
        ),
        pictures=(
            Picture(
                key="said_and_done",
                shape=Shape.WEEKS,
                title=say("Said and done, week by week"),
                x_label=say("week; a numbered rule marks the day something else changed"),
                y_label=say("share of active people"),
                lines=(
                    Line(name=say("Done, corroborated"), points=weekly(0.03, level, 30)),
                    Line(name=say("Done, by one source only"), points=weekly(0.05, level * 1.5, 34)),
                    Line(name=say("Said: announced or asked for"), points=weekly(0.02, 0.34, 18)),
                ),
                marks=(
                    Mark(x=_FIRST + 73.0, label=say("the co-author trailer of one tool first appears")),
                    Mark(x=_FIRST + 80.0, label=say("the usage log begins")),
                    Mark(x=_FIRST + 350.0, label=say("one vendor starts to write its trailer by itself")),
                ),
                is_date=True,
                alt=say("Talk rises first and further than corroborated use, which settles near {share:percent}.", share=level),
                y_unit="share",
            ),
        ),
        known=say("From chat, code and the usage log together. Use on tools that leave no trace is not seen."),
    )


def staying_power(difference: float = 41) -> Finding:
    """M3: two curves by origin with bands and numbers at risk."""

    def alive(days: float, n: int) -> tuple[Point, ...]:
        points = []
        for day in range(0, 181, 4):
            value = math.exp(-day / days)
            points.append(
                Point(
                    x=float(day),
                    value=value,
                    low=max(0.0, value - 0.16 * day / 180),
                    high=min(1.0, value + 0.16 * day / 180),
                    at_risk=int(n * value),
                )
            )
        return tuple(points)

    long, short_ = (310, 95) if difference > 0 else (95, 310)
    low, high = (difference - 24, difference + 27)
    return Finding(
        measure="staying_power",
        sentence=say(
            "Practices that people started on their own lived {difference:signed} days compared with those that were ordered, "
            "counted over the first {horizon:days}.",
            difference=difference,
            horizon=180,
        ),
        results=(
            result(
                "staying_power",
                "difference",
                say("Mean life in the first 180 days, started by people minus ordered"),
                (difference, low, high),
                "days",
                163,
                128,
            ),
            result("staying_power", "abandoned", say("Abandoned within 180 days"), (0.31, 0.24, 0.39), "share", 163, 128),
            Result(
                measure="staying_power",
                key="absorbed",
                label=say("Built into a script, a template or a pipeline"),
                start=START,
                end=END,
                estimate=0.09,
                low=0.03,
                high=0.2,
                unit="share",
                n_people=61,
                n_units=44,
                verdict=Verdict.INDICATIVE,
                reason=say("it rests on fewer than 120 practices"),
                unlock=say("about six more months of traces"),
            ),
        ),
        pictures=(
            Picture(
                key="alive_by_origin",
                shape=Shape.SURVIVAL,
                title=say("How long practices live, by how they started"),
                x_label=say("days since the first concrete use"),
                y_label=say("share of practices still alive"),
                lines=(
                    Line(name=say("Ordered before the first use"), points=alive(short_, 52)),
                    Line(name=say("Started by people themselves"), points=alive(long, 76)),
                ),
                alt=say("Two falling curves; after 180 days they stand apart."),
            ),
        ),
        known=say(
            "A silence counts as an end only when it is longer than this practice's own rhythm allows; "
            "holidays are pauses, not ends."
        ),
    )


def kinds() -> Finding:
    """M7: intervals by kind of work, one of them withheld and one with a planted name."""
    rows = (("debugging", 0.71), ("tier-1 support", 0.66), ("forecasting", 0.31), ("closing the month", 0.24), ("writing", 0.52))
    lines = [
        Line(name=say(name), points=(Point(x=0, value=v, low=v - 0.14, high=min(1, v + 0.13), at_risk=20),)) for name, v in rows
    ]
    lines.append(Line(name=say("{unit}", unit=PLANTED), points=(Point(x=0, value=0.4, low=0.2, high=0.62),)))
    return Finding(
        measure="kinds",
        sentence=say(
            "Practices in debugging and first-line support are more often alive after 90 days than those in forecasting."
        ),
        results=(
            result("kinds", "debugging", say("Debugging: alive after 90 days"), (0.71, 0.57, 0.84), "share", 61, 34),
            result("kinds", "forecasting", say("Forecasting: alive after 90 days"), (0.31, 0.17, 0.44), "share", 28, 21),
            withheld(
                "kinds",
                "legal",
                say("Legal work: alive after 90 days"),
                say("fewer than 5 practices of this kind"),
                say("more practices of this kind; nothing needs to be connected"),
            ),
        ),
        pictures=(
            Picture(
                key="kinds_of_work",
                shape=Shape.INTERVALS,
                title=say("Alive after 90 days, by kind of work"),
                y_label=say("kind of work, by name"),
                x_label=say("share of practices alive after 90 days, with its 95 % interval"),
                lines=tuple(lines),
                alt=say("Six intervals; those of debugging and forecasting do not overlap."),
                y_unit="share",
            ),
        ),
        known=say("Different people try different kinds of work; this says where use lasts, not where it pays."),
    )


def seats() -> Finding:
    """M8: bars."""
    rows = (("bought", 300), ("assigned", 268), ("ever used", 171), ("used every week", 92), ("not measurable", 31))
    return Finding(
        measure="seats",
        sentence=say(
            "Of {n:count} seat bought | Of {n:count} seats bought, a third is used every week; for some nothing can be said.",
            n=300,
        ),
        results=(
            result("seats", "active", say("Seats used in the last 28 days"), (0.34, 0.34, 0.45), "share", 268, 268),
            result("seats", "idle_cost", say("Monthly cost of idle seats, in euros"), (1870, 1870, 2460), "currency", 268, 268),
        ),
        pictures=(
            Picture(
                key="seats",
                shape=Shape.BARS,
                title=say("Seats: bought, assigned, used"),
                y_label=say("state of the seat"),
                x_label=say("seats"),
                lines=tuple(Line(name=say(name), points=(Point(x=0, value=float(n)),)) for name, n in rows),
                alt=say("Five bars, from bought seats to seats that cannot be measured."),
                y_unit="count",
            ),
        ),
        known=say("An idle seat is certain only where telemetry is on; elsewhere it is possible."),
    )


def reasons() -> Finding:
    """M5: levels."""

    def down(values: tuple[float, ...]) -> tuple[Point, ...]:
        return tuple(Point(x=float(n), value=v, low=max(0.0, v - 0.1), high=min(1.0, v + 0.1)) for n, v in enumerate(values))

    return Finding(
        measure="cascade",
        sentence=say("At each level down, about a third of the reasons is lost, while deadlines are repeated more often."),
        results=(
            result("cascade", "kept", say("Share of the reasons that survives one level"), (0.68, 0.6, 0.77), "share", 34, 12),
            withheld(
                "cascade",
                "pulse",
                say("Reasons people name when asked"),
                say("no pulse has been run"),
                say("one quarter of the anonymous pulse"),
            ),
        ),
        pictures=(
            Picture(
                key="reasons_by_level",
                shape=Shape.LEVELS,
                title=say("What is left of the reasons, level by level"),
                y_label=say("levels below the source, which is level 0"),
                x_label=say("share of statements"),
                lines=(
                    Line(name=say("carries a deadline"), points=down((0.25, 0.4, 0.62, 0.7))),
                    Line(name=say("keeps the reasons"), points=down((1.0, 0.68, 0.45, 0.31))),
                ),
                alt=say("Reasons fall from all to a third over three levels; deadlines rise."),
                y_unit="share",
            ),
        ),
        known=say("From public statements only. Words are read for reasons and deadlines, never for feelings."),
    )


def origins() -> Finding:
    """M2, wholly withheld."""
    return Finding(
        measure="origins",
        sentence=say("We cannot tell how most practices started."),
        results=(
            withheld(
                "origins",
                "grassroots",
                say("Started by someone who tried it"),
                say("for 46 of 100 practices the answer changes with the window looked back over"),
                say("messages of a leadership channel, and the dates of trainings"),
            ),
        ),
        known=say("How something started is judged only by what was dated before its first use."),
    )


def measure(name: str, code: str, title: str, unit: str, order: int) -> Measure:
    """A definition whose counting is never called."""

    def unused(_: object) -> Counts:
        raise AssertionError("a page never counts")

    return Measure(
        name=name,
        code=code,
        title=say(title),
        question=say("When something is announced, does it happen?"),
        estimand=say("The share of announcements that at least two other people take up within 90 days."),
        unit=unit,
        exit=Exit.PRACTICES,
        needs=("acts",),
        sql={"announced": "SELECT week, count(*) AS n\nFROM acts\nWHERE act = 'announces' AND n < 10\nGROUP BY week"},
        assumptions=(say("People who took something up left at least one trace of it."),),
        references=("Meyer & Rowan 1977", "Bromley & Powell 2012"),
        order=order,
        count=unused,
        estimate=unused,  # type: ignore[arg-type]
    )


MEASURES = (
    measure("said_done", "M1", "Follow-through", "announcement", 10),
    measure("adoption", "M1", "Weeks of use", "person-week", 20),
    measure("staying_power", "M3", "Staying power", "practice", 30),
    measure("origins", "M2", "How it started", "practice", 40),
    measure("cascade", "M5", "What was left of the reasons", "cascade", 60),
    measure("kinds", "M7", "Where it lasts", "practice", 70),
    measure("seats", "M8", "Seats", "seat", 80),
)


def _hypotheses(answers: dict[str, Says]) -> tuple[HypothesisVerdict, ...]:
    why = {
        Says.SUPPORTS: say("the difference goes in the direction of the claim and its interval excludes none"),
        Says.REFUTES: say("the difference goes the other way and its interval excludes none"),
        Says.CANNOT_TELL: say("the traces do not carry it, or the interval includes both"),
    }
    return tuple(
        HypothesisVerdict(
            code=code, claim=claim, says=answers.get(code, Says.CANNOT_TELL), why=why[answers.get(code, Says.CANNOT_TELL)]
        )
        for code, claim in CLAIMS.items()
    )


CHAT = SourceCoverage(
    name="slack",
    title="Slack export",
    family="chat",
    first=START,
    last=END,
    people=214,
    records=1_204_331,
    skipped={"a message without a time": 12},
    refused={"direct messages": 4_410, "private channels": 31},
    never=("what is said in private channels, calls and meetings",),
    gaps=((date(2025, 12, 22), date(2026, 1, 2)),),
)
CODE = SourceCoverage(
    name="git",
    title="git",
    family="code",
    first=date(2024, 1, 8),
    last=END,
    people=88,
    records=41_207,
    never=("use that leaves no mark in a commit", "why something was done"),
)
ORG = SourceCoverage(name="org_chart", title="org chart", family="people", first=START, last=END, people=7, records=240)


def full() -> Page:
    """A page with every shape, withheld results and a planted unit name."""
    return Page(
        company="Lanterne & Filles",
        start=START,
        end=END,
        findings=(follow_through(), adoption(), staying_power(), origins(), reasons(), kinds(), seats()),
        measures=MEASURES,
        coverage=(CHAT, CODE, ORG),
        questions=(
            Answerable(
                chapter="travelled",
                question=say("Did it travel by informal ties or along the reporting line?"),
                can=False,
                why=say("there are 31 adoptions, and telling ties from shared causes takes 80"),
                unlock=say("about another year of traces"),
            ),
            Answerable(
                chapter="after",
                question=say("Did building go on after the talk peaked?"),
                can=False,
                why=say("the talk has not peaked yet"),
                unlock=say("26 weeks after a peak"),
            ),
        ),
        hypotheses=_hypotheses(
            {"H1": Says.SUPPORTS, "H5": Says.SUPPORTS, "H7": Says.SUPPORTS, "H4": Says.SUPPORTS, "H8": Says.REFUTES}
        ),
        trial=True,
        release_hash="3f9a61c2b7d0e4558a1f0c6672d93b1e",
        ledger=(Spent(quarter="2025-Q4", epsilon=1.12), Spent(quarter="2026-Q1", epsilon=1.63)),
        budget=3.5,
        privacy_note=say(
            "More than 100 people: counts of people carry noise, and each release is entered in a ledger that can run out."
        ),
        charter=(
            (say("Purpose"), say("To learn where AI helps, and to make room for it.")),
            (say("Retention"), say("13 months")),
        ),
        reading=(
            result("reading", "done", say("Messages read as done: how many really are"), (0.81, 0.74, 0.87), "share", 140, 300),
            withheld(
                "reading",
                "learned",
                say("Messages read as learned"),
                say("fewer than 20 labelled so far"),
                say("60 more labels in the audit"),
            ),
        ),
        beside=(
            Published(
                source="Bick, Blandin & Deming, August 2024",
                figure=say("{share:percent} used generative AI at work on at least one day of the last week", share=0.242),
                ours=result(
                    "adoption", "weekly_share", say("People using AI in an ordinary week"), (0.22, 0.19, 0.25), "share", 240, 9120
                ),
                differs=say("theirs is what people say when asked; ours is what left a trace, which is less"),
            ),
            Published(
                source="S&P Global 2025",
                figure=say("{share:percent} of proofs of concept scrapped", share=0.46),
                ours=None,
                differs=say("ours counts practices, theirs projects with a budget"),
            ),
        ),
        simulated=True,
        version="0.1",
    )


def git_only() -> Page:
    """A shorter page: one source, three findings, the rest told as what git cannot show."""
    cannot = {
        "said": say("git holds what was built, not what was announced"),
        "started": say("a commit does not say who asked for it"),
        "travelled": say("who reads whom is not in a repository"),
        "reasons": say("no messages from the top are in a repository"),
        "seats": say("what is paid for is not in a repository"),
    }
    unlock = {
        "said": say("a chat export"),
        "started": say("a chat export with a leadership channel"),
        "travelled": say("a chat export and an org chart"),
        "reasons": say("a chat export and an org chart"),
        "seats": say("the list of seats"),
    }
    question = {
        "said": say("Was it announced, and did it then happen?"),
        "started": say("Did people start it, or were they told to?"),
        "travelled": say("Did it travel by informal ties or along the reporting line?"),
        "reasons": say("What was left of the reasons?"),
        "seats": say("Is what is paid for used?"),
    }
    return Page(
        company="",
        start=date(2024, 1, 8),
        end=END,
        findings=(adoption(0.31), staying_power(-12)),
        measures=MEASURES[1:3],
        coverage=(CODE,),
        questions=tuple(
            Answerable(chapter=key, question=question[key], can=False, why=cannot[key], unlock=unlock[key]) for key in cannot
        ),
        hypotheses=_hypotheses({}),
        trial=True,
        release_hash="3f9a61c2b7d0e4558a1f0c6672d93b1e",
        privacy_note=say("Fewer than 100 people: floors only, no noise is added."),
    )


def pair() -> tuple[Page, Page]:
    """Two companies: one where talk outruns use, one where use grows quietly."""
    loud = full()
    quiet = Page(
        company="Petit Large",
        start=START,
        end=END,
        findings=(follow_through(0.63, 0.8), adoption(0.42), staying_power(38), kinds()),
        measures=MEASURES,
        coverage=(CHAT, CODE),
        hypotheses=_hypotheses({"H3": Says.SUPPORTS, "H1": Says.REFUTES}),
        trial=True,
        release_hash=loud.release_hash,
        simulated=True,
    )
    return loud, quiet


def empty() -> Page:
    """Nothing could be said: still a page."""
    return Page(company="Rien", start=START, end=END, findings=())
