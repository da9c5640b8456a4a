"""What was read, in sentences: since when, how much, what was refused, and what each source can never show."""

from collections.abc import Mapping

from groundswell.model.phrase import Phrase, say
from groundswell.report.page import SourceCoverage

# People per cell below which no count of people is written (measures, section 4).
_FLOOR = 10


def seen(source: SourceCoverage) -> Phrase:
    """From when to when, how many people, how many records."""
    if source.first is None or source.last is None:
        return say("Nothing was read from it.")
    return say(
        "From {first:date} to {last:date}: {people}, {records}.",
        first=source.first,
        last=source.last,
        people=people(source.people),
        records=say("{n:count} record | {n:count} records", n=source.records),
    )


def people(n: int) -> Phrase:
    """A number of people, not written below the floor."""
    if n < _FLOOR:
        return say("fewer than {floor:count} people", floor=_FLOOR)
    return say("{n:count} person | {n:count} people", n=n)


def counts(reasons: Mapping[str, int]) -> tuple[Phrase, ...]:
    """Each reason with how often it occurred, by name."""
    return tuple(say("{reason}: {count:count}", reason=Phrase(reason), count=n) for reason, n in sorted(reasons.items()))


def gaps(source: SourceCoverage) -> tuple[Phrase, ...]:
    """Stretches without any trace."""
    return tuple(say("{first:date} to {last:date}", first=first, last=last) for first, last in source.gaps)


def family(source: SourceCoverage) -> Phrase:
    """What kind of evidence it is."""
    match source.family:
        case "chat":
            return say("chat")
        case "code":
            return say("code")
        case "usage":
            return say("usage log")
        case "seats":
            return say("seats")
        case "people":
            return say("people and teams")
        case "selfreport":
            return say("told on purpose")
        case other:
            return say("{family}", family=other)


def clause(text: str) -> Phrase:
    """A clause of a source's own declaration, to be translated like any other; without its full stop."""
    return Phrase(text.rstrip("."))
