"""Which chapters a page has, in which order, and which finding belongs to which."""

from collections.abc import Sequence
from dataclasses import dataclass

from groundswell.model.measure import Finding, Measure
from groundswell.model.phrase import Phrase, say


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One chapter made of findings.

    Attributes:
        key: stable name, also its place in the file (`#said`).
        codes: numbers of the measures whose findings it holds.
        names: names of measures that belong here whatever their number.
        short: its name in a list of contents.
        title: its heading.
        about: one plain paragraph on what is looked at.
    """

    key: str
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    short: Phrase
    title: Phrase
    about: Phrase


# The three that open the page; they stay even when a company's traces carry nothing on them.
OPENING = ("said", "done", "lasted")

CHAPTERS = (
    Chapter(
        key="said",
        codes=("M1",),
        names=("said_done", "follow_through"),
        short=say("Said"),
        title=say("Said, and then done?"),
        about=say(
            "Something counts as said when it was announced, asked for or made a target, with a tool or a job named. It counts "
            "as taken up only when at least two other people used it in three different weeks."
        ),
    ),
    Chapter(
        key="done",
        names=("adoption",),
        short=say("Done"),
        title=say("Done: AI in ordinary work"),
        about=say(
            "One person in one week counts once, however much they did. Corroborated means that two kinds of sources agree, or "
            "that several people show it in several weeks. A numbered rule in the picture marks a day on which something else "
            "changed, so that a new source or a vendor's change does not look like people changing."
        ),
    ),
    Chapter(
        key="lasted",
        codes=("M3",),
        names=("staying_power", "survival"),
        short=say("Lasted"),
        title=say("Lasted: what is still alive months later"),
        about=say(
            "A practice is a tool used for a job in one part of the organisation. It is followed from its first concrete use "
            "until it stops, is replaced, or is built into something larger; what is still alive at the end of the traces is "
            "counted as such."
        ),
    ),
    Chapter(
        key="started",
        codes=("M2",),
        names=("origins", "origin"),
        short=say("How it started"),
        title=say("How it started"),
        about=say("Somebody tried it, or somebody was told to: judged only by what was dated before the first use."),
    ),
    Chapter(
        key="travelled",
        codes=("M4", "M9"),
        names=("spread",),
        short=say("How it travelled"),
        title=say("How it travelled"),
        about=say(
            "Whether people took something up after a colleague showed it, more often than the dates alone would give, and "
            "whether that followed informal ties or the reporting line."
        ),
    ),
    Chapter(
        key="reasons",
        codes=("M5",),
        names=("cascade", "reasons"),
        short=say("What was left of the reasons"),
        title=say("What was left of the reasons"),
        about=say(
            "When a message comes from the top, it is told again at each level. Here is how much of its reasons arrives, and how "
            "often a deadline or an obligation comes with it."
        ),
    ),
    Chapter(
        key="kinds",
        codes=("M7",),
        names=("kinds", "kinds_of_work"),
        short=say("Where it lasts"),
        title=say("Where it lasts, by kind of work"),
        about=say(
            "Kinds of work are listed by name, never by value. Lasting use is not the same as benefit, which is not measured "
            "here."
        ),
    ),
    Chapter(
        key="seats",
        codes=("M8",),
        names=("seats", "pulse"),
        short=say("Paid for, and used"),
        title=say("What is paid for, and what is used"),
        about=say(
            "A seat is bought, then assigned, then tried, then perhaps used every week. Where a vendor does not measure, we say "
            "so."
        ),
    ),
    Chapter(
        key="after",
        codes=("M10",),
        names=("after_the_talk", "persistence"),
        short=say("After the talk"),
        title=say("After the talk"),
        about=say("Whether use and change went on once talk about it had passed its peak."),
    ),
    Chapter(
        key="drawn",
        codes=("M13",),
        names=("phase_in",),
        short=say("In a drawn order"),
        title=say("In a drawn order"),
        about=say(
            "Where a programme reached groups in an order drawn by lot, and only there, a difference may be called an effect."
        ),
    ),
    Chapter(
        key="also",
        short=say("Also seen"),
        title=say("Also seen"),
        about=say("What other measures found."),
    ),
)

_BY_KEY = {chapter.key: chapter for chapter in CHAPTERS}


def chapter(key: str) -> Chapter:
    """The chapter of a key."""
    return _BY_KEY[key]


def chapter_of(finding: Finding, measures: Sequence[Measure]) -> str:
    """Key of the chapter a finding belongs to: by the measure's name, else by its number, else "also"."""
    for candidate in CHAPTERS:
        if finding.measure in candidate.names:
            return candidate.key
    code = next((measure.code for measure in measures if measure.name == finding.measure), "")
    return next((candidate.key for candidate in CHAPTERS if code in candidate.codes), "also")
