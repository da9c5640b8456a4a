"""What was read, in sentences: since when, how much, what was refused, and what each source can never show."""

from collections.abc import Mapping, Sequence

from groundswell.model.phrase import Phrase, say
from groundswell.report.page import Page, SourceCoverage

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
        people=people(source.people, at_least=source.at_least),
        records=say("{n:count} record | {n:count} records", n=source.records),
    )


def people(n: int, *, at_least: bool = False) -> Phrase:
    """A number of people, not written below the floor; at_least: it is a lower bound."""
    if n < _FLOOR:
        return say("fewer than {floor:count} people", floor=_FLOOR)
    if at_least:
        return say("at least {n:count} people", n=n)
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


def read(page: Page) -> tuple[SourceCoverage, ...]:
    """Sources in order of name; labels of an audit are no source, though they are kept beside them."""
    return tuple(source for source in page.coverage if source.family)


def titles(page: Page) -> tuple[Phrase, ...]:
    """What the sources that were read are called."""
    return tuple(clause(source.title) for source in read(page))


def side_by_side(pages: Sequence[Page]) -> tuple[tuple[SourceCoverage | None, ...], ...]:
    """One row a source, one column a company; None where a company does not have it."""
    held = [{source.name: source for source in read(page)} for page in pages]
    names = dict.fromkeys(name for one in held for name in one)
    return tuple(tuple(one.get(name) for one in held) for name in names)


def clause(text: str) -> Phrase:
    """A clause of a source's own declaration, to be translated like any other; without its full stop."""
    return Phrase(text.rstrip("."))
