"""How is a value written, given its unit?"""

from groundswell.model.measure import Picture, Shape
from groundswell.model.phrase import Phrase, say


def short(value: float, unit: str) -> Phrase:
    """A value as a tick or a table cell has it, without the name of its unit."""
    match unit:
        case "share":
            return say("{value:percent}", value=value)
        case "ratio":
            return say("{value:ratio}", value=value)
        case "number" | "currency":
            return say("{value:number}", value=value)
        case "days" | "exact":
            return say("{value:count}", value=value)
        case _:
            return say("{value:count}" if float(value).is_integer() else "{value:number}", value=value)


def amount(value: float, unit: str, *, signed: bool = False) -> Phrase:
    """A value as a sentence has it, with the name of its unit; `signed` for a difference."""
    match unit:
        case "days" if signed:
            return say("{sign:signed} day | {sign:signed} days", n=abs(round(value)), sign=round(value))
        case "share" if signed:
            points = in_points(value)
            return say("{sign:signed} percentage point | {sign:signed} percentage points", n=abs(points), sign=points)
        case "days":
            return say("{n:count} day | {n:count} days", n=round(value))
        case "people":
            return say("{n:count} person | {n:count} people", n=round(value))
        case "practices":
            return say("{n:count} practice | {n:count} practices", n=round(value))
        case "person-weeks":
            return say("{n:count} person-week | {n:count} person-weeks", n=round(value))
        case "ratio":
            return say("a factor of {value:ratio}", value=value)
        case _:
            return short(value, unit)


def in_points(difference: float) -> float:
    """A difference of shares in percentage points, to a tenth of a point: more would be more than anybody knows."""
    return round(difference * 100, 1)


_COUNTED = {
    "person": say("{n:count} person | {n:count} people"),
    "people": say("{n:count} person | {n:count} people"),
    "practice": say("{n:count} practice | {n:count} practices"),
    "announcement": say("{n:count} announcement | {n:count} announcements"),
    "person-week": say("{n:count} person-week | {n:count} person-weeks"),
    "seat": say("{n:count} seat | {n:count} seats"),
    "adoption": say("{n:count} adoption | {n:count} adoptions"),
    "cascade": say("{n:count} message from the top | {n:count} messages from the top"),
    "group": say("{n:count} group | {n:count} groups"),
    "share": say("{n:count} shared practice | {n:count} shared practices"),
    "week": say("{n:count} week | {n:count} weeks"),
    "message": say("{n:count} message | {n:count} messages"),
}
_CASES = say("{n:count} case | {n:count} cases")


def counted(n: int, unit: str) -> Phrase:
    """How many units something rests on; `unit` is a measure's own word for one of them, or for several."""
    return Phrase((_COUNTED.get(unit) or _COUNTED.get(unit.removesuffix("s")) or _CASES).text, {"n": n})


def unit_of(picture: Picture) -> str:
    """The unit of a picture's values: its own, else a share where every value lies in [0, 1], else a count."""
    if picture.y_unit:
        return picture.y_unit
    if picture.shape is Shape.SURVIVAL:
        return "share"
    values = [value for line in picture.lines for point in line.points for value in (point.value, point.high or 0.0)]
    whole = all(float(value).is_integer() for value in values)
    return "share" if values and min(values) >= 0 and max(values) <= 1 and not whole else "count"
