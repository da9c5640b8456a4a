"""What an answer to the pulse may say, and how answers are told apart from when they came: only closed lists, only batches."""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from groundswell.model.reading import Job

BATCH = 5
"""Answers wait until there are so many, and then move together, in an order drawn anew (measures.md, M8)."""

LEAST_IN_STRATUM = 10
"""People a team must have before an answer may say that it comes from there."""

HOW = ("own", "colleague", "asked", "programme", "other")
"""How somebody came to use a tool: the words the pulse's file and the store know."""

NO_TOOL = "any"
"""What the file says where no tool is named."""

LEVELS = ("leads", "works")
"""Where in the reporting line a why was told: by somebody who leads people, or who does not."""

MOST_REASONS = 31
"""The five reason propositions as a bit set (see reading)."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one token says; every field is a word of a closed list or a yes or no.

    Attributes:
        used: whether AI was used for work on the day asked about.
        tool: canonical name; "any" for AI in general or none.
        job: a Job; "unknown" if not said.
        how: one of HOW; "" if not said.
        kept: whether the result was kept; None if not said.
        expected: whether AI was used, mentioned or reported mainly because it was expected; None if not said.
        stratum: team; "" where it is too small or was left out.
        second: whether AI was used on the working day before; None if not asked.
        level: one of LEVELS; "" if no why was told.
        reasons: bit set of the reasons named when asked why; None if not asked or not answered.
    """

    used: bool
    tool: str = NO_TOOL
    job: str = Job.UNKNOWN
    how: str = ""
    kept: bool | None = None
    expected: bool | None = None
    stratum: str = ""
    second: bool | None = None
    level: str = ""
    reasons: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The part of an answer that stays in one row; everything else is only counted.

    Attributes:
        number: random.
        used, tool, job, how, kept, stratum: as in Answer.
    """

    number: str
    used: bool
    tool: str
    job: str
    how: str
    kept: bool | None
    stratum: str


def new_number() -> str:
    """A random number for a row, 96 bits: it tells nothing of when it was drawn."""
    return secrets.token_urlsafe(12)


def tidy(
    answer: Answer, *, tools: Collection[str], strata: Collection[str], levels: Collection[str] = LEVELS, second: bool
) -> Answer:
    """An answer reduced to what is asked: unknown words become none, a small team is left out, nothing is said twice.

    Args:
        answer: as it came.
        tools: canonical names there are.
        strata: teams of LEAST_IN_STRATUM people and more.
        levels: levels of as many.
        second: whether this token is asked about a second day.
    """
    used = answer.used
    told = answer.reasons is not None and 0 <= answer.reasons <= MOST_REASONS
    return Answer(
        used=used,
        tool=answer.tool if used and answer.tool in tools else NO_TOOL,
        job=answer.job if used and answer.job in set(Job) else Job.UNKNOWN,
        how=answer.how if used and answer.how in HOW else "",
        kept=answer.kept if used else None,
        expected=answer.expected,
        stratum=answer.stratum if answer.stratum in strata else "",
        second=answer.second if second else None,
        level=answer.level if told and answer.level in levels else "",
        reasons=answer.reasons if told else None,
    )


def part(waiting: Sequence[tuple[date, Answer]]) -> tuple[list[Kept], Counter[tuple[str, str]]]:
    """Take a batch apart, so that no row says on which day it was told, nor what was expected, nor why.

    Args:
        waiting: the day asked about and the answer, of each answer that waited.

    Returns:
        Rows in an order drawn at random; and counts by (item, word): "day", "expected", "second" (the pair of days), "reasons".
    """
    counts: Counter[tuple[str, str]] = Counter()
    rows = []
    for day, answer in waiting:
        counts["day", day.isoformat()] += 1
        if answer.expected is not None:
            counts["expected", _word(answer.expected)] += 1
        if answer.second is not None:
            counts["second", f"{_word(answer.used)},{_word(answer.second)}"] += 1
        if answer.reasons is not None:
            counts["reasons", f"{answer.level}:{answer.reasons}"] += 1
        rows.append(Kept(new_number(), answer.used, answer.tool, answer.job, answer.how, answer.kept, answer.stratum))
    return sorted(rows, key=lambda row: row.number), counts


def deal(secret: bytes, rows: Sequence[Kept], counts: Counter[tuple[str, str]]) -> list[dict[str, str]]:
    """Rows for the pulse's file: days, what was expected and why are dealt out at random over a whole quarter.

    The counts of each stay exact; which row bears which is drawn by a key, so that a file written twice is the same file.

    Args:
        secret: of the server.
        rows: of one quarter.
        counts: as `part` gives them, over the same quarter.
    """
    days = sorted(_spread(counts, "day"))
    expected = sorted(_spread(counts, "expected"))
    expected += [""] * (len(rows) - len(expected))
    why = sorted(_spread(counts, "reasons"))
    why += [":"] * (len(rows) - len(why))
    by_day, by_expected, by_why = (
        sorted(rows, key=lambda r: _lot(secret, item, r.number)) for item in ("day", "expected", "reasons")
    )
    day_of = {row.number: day for row, day in zip(by_day, days, strict=True)}
    expected_of = {row.number: word for row, word in zip(by_expected, expected, strict=True)}
    why_of = {row.number: word.partition(":") for row, word in zip(by_why, why, strict=True)}
    second_of = _second(secret, rows, counts)
    return [
        {
            "Answer": row.number,
            "Day": day_of[row.number],
            "Tool": row.tool,
            "Job": row.job,
            "Used": _word(row.used),
            "How": row.how,
            "Expected": expected_of[row.number],
            "Kept": "" if row.kept is None else _word(row.kept),
            "Second": second_of.get(row.number, ""),
            "Level": why_of[row.number][0],
            "Reasons": why_of[row.number][2],
            "Stratum": row.stratum,
            "Weight": "",
        }
        for row in sorted(rows, key=lambda r: r.number)
    ]


def _second(secret: bytes, rows: Sequence[Kept], counts: Counter[tuple[str, str]]) -> dict[str, str]:
    """Number of a row -> what was said of the day before, dealt out among rows that say the same of the first day."""
    found: dict[str, str] = {}
    for used in (True, False):
        words = sorted(w.partition(",")[2] for w in _spread(counts, "second") if w.partition(",")[0] == _word(used))
        alike = sorted((row for row in rows if row.used is used), key=lambda r: _lot(secret, "second", r.number))
        found.update({row.number: word for row, word in zip(alike, words, strict=False)})
    return found


def _spread(counts: Counter[tuple[str, str]], item: str) -> list[str]:
    return [word for (name, word), n in counts.items() if name == item for _ in range(n)]


def _lot(secret: bytes, *parts: str) -> bytes:
    return hmac.new(secret, "\x1f".join(("deal", *parts)).encode(), hashlib.sha256).digest()


def _word(said: bool) -> str:
    return "yes" if said else "no"
