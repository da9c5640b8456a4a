"""No parameter takes a person, a team or a leader to look at, and nothing ranks: read from the syntax of the whole program."""

import ast
import re
from pathlib import Path

import pytest

import groundswell
from groundswell import registry

PACKAGE = Path(groundswell.__file__).parent
FACES = ("cli", "web", "bot", "report", "measures", "runs")
"""Rooms a question can come in by, or an answer goes out by; the rooms below hold no answers."""

SOMEBODY = {
    "person", "persons", "somebody", "someone", "who", "employee", "employees", "colleague", "member", "username", "user_name",
    "full_name", "email", "login", "native", "actor", "leader", "boss", "manager", "team", "department", "division",
    "rank", "ranking", "top", "best", "worst",
}  # fmt: skip
"""What a parameter that looks at somebody would be called."""

OWN = {
    "mine.py": {"email", "login", "native"},  # for the person themselves: with the key, one at a time, entered in the record
    "mirror.py": {"email", "login", "native"},  # the same, and sealed to a key only that person has
    "demo.py": {"manager"},  # of two processes
    "find.py": {"top"},  # the folder a search begins in
    "charts": {"top"},  # pixels
    "security.py": {"who"},  # whose attempts to sign in are counted, as a hash, so that nobody guesses
    "_planted_truth.py": {"person"},  # of an invented company
    "origin.py": {"team"},  # every case's stratum, as an array of numbers
    "_follow.py": {"someone"},  # every row's own number within its case, as an array
}
"""File or folder -> parameters of those names that look at nobody, each with its reason."""

RANKING = re.compile(r"(^|_)(rank|ranking|ranked|leaderboard|league|champions?|laggards?|scoreboard|best|worst|top_\w+)($|_)")
OWN_NAMES = {"permuted_log_rank", "ranks"}
"""A statistic of Mantel's, whatever its name."""

BY_VALUE = {
    "value",
    "estimate",
    "share",
    "people",
    "n_people",
    "n_units",
    "count",
    "score",
    "person_weeks",
    "weeks",
    "total",
    "low",
    "high",
}
"""Fields of results and counts that nothing is sorted by."""

WEEKS_AND_TOOLS = {
    ("_adoption.py", "person_weeks"),  # which of many channels of a tool are worth a mark under a curve; shown by date
}
"""(File, field) that sort neither people nor units."""

DESCENDING = re.compile(r"\blimit\s+\d|order\s+by[^()]*\bdesc\b[^()]*$", re.IGNORECASE)
LOUDEST_WEEK = {"after_fashion.py", "_persistence.py"}
"""Files with texts that pick one stretch of weeks, that in which talk was loudest: weeks may be sorted, people may not."""


def files():
    """Every file of the rooms above that there are."""
    return [f for room in FACES for f in sorted((PACKAGE / room).rglob("*.py"))]


VIEWER = {"SignedIn", "Leader", "Steward", "Member"}
"""Types of whoever asks, as the web app's own door makes them from the session: never from the address or a form."""


def parameters(code):
    """Names of parameters of all functions, methods and lambdas, the one who asks left out."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            taken = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
            found |= {a.arg for a in taken if getattr(a.annotation, "id", "") not in VIEWER}
    return found


def own(path):
    """Allowed names of a file."""
    return set().union(*(names for place, names in OWN.items() if place == path.name or place in path.parts))


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_parameter_takes_somebody(path):
    """No function of a command, page, report, measure or story takes a person, a team or a leader; but for `mine`."""
    assert not parameters(path.read_text("utf8")) & SOMEBODY - own(path)


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_named_a_ranking(path):
    """No function or class is a ranking, a league, a list of the best."""
    names = {
        n.name
        for n in ast.walk(ast.parse(path.read_text("utf8")))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert not {n for n in names if RANKING.search(n)} - OWN_NAMES


def sorted_by(code):
    """Fields that something is sorted by, or picked as largest by: keys of sorted, sort, max, min, nlargest; and counters."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in {"most_common", "nlargest", "nsmallest", "rank", "topk"}:
            found.add(name)
        if name in {"sorted", "sort", "sort_by", "nlargest", "nsmallest"}:
            for inner in (n for k in node.keywords if k.arg == "key" for n in ast.walk(k.value)):
                found |= {inner.attr} if isinstance(inner, ast.Attribute) else set()
                found |= {inner.value} if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else set()
    return found


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_sorted_by_its_value(path):
    """Lists stand in the order of names, dates or the page; none is sorted by a number of people, a share or an estimate (R9)."""
    found = sorted_by(path.read_text("utf8")) & (BY_VALUE | {"most_common", "nlargest", "nsmallest", "rank", "topk"})
    assert not {(path.name, field) for field in found} - WEEKS_AND_TOOLS


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_query_ranks(path):
    """No text of SQL sorts downwards or cuts to the first rows, but for the weeks of loudest talk."""
    texts = [n.value for n in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(n, ast.Constant)]
    ranking = [t for t in texts if isinstance(t, str) and "select" in t and DESCENDING.search(t)]
    assert not ranking or path.name in LOUDEST_WEEK


def test_no_plug_in_ranks():
    """Nor does the published SQL of any measure that is installed."""
    found = {m.name for m in registry.measures().values() for text in m.sql.values() if DESCENDING.search(text)}
    assert found <= {"after_fashion"}


PLANTED = {
    "parameters": "def report(paths, *, team=None): ...",
    "async parameters": "async def page(request, person): ...",
    "a person who does not ask": "def page(who: str): ...",
    "lambda": "look = lambda email: held[email]",
}


@pytest.mark.parametrize("how", PLANTED)
def test_planted_a_look_at_somebody_is_seen(how):
    """A parameter for a team, a person or an address, planted, is found."""
    assert parameters(PLANTED[how]) & SOMEBODY


@pytest.mark.parametrize(
    "code",
    [
        "sorted(results, key=lambda r: -r.estimate)",
        "rows.sort(key=lambda r: r['people'], reverse=True)",
        "Counter(units).most_common(5)",
        "heapq.nlargest(3, rows)",
        "table.sort_by([('n', 'descending')], key=operator.attrgetter('share'))",
    ],
)
def test_planted_a_ranking_is_seen(code):
    """Each way of sorting by value, planted, is found."""
    assert sorted_by(code) & (BY_VALUE | {"most_common", "nlargest", "nsmallest", "rank", "topk"})


def test_planted_a_ranking_query_is_seen():
    """A text that sorts downwards or cuts, planted, is found, and one that sorts by name is not."""
    assert DESCENDING.search("select unit, n from x order by n desc")
    assert DESCENDING.search("select unit from x order by unit limit 3")
    assert not DESCENDING.search("select unit, n from x order by unit")
    assert [n for n in ("rank_teams", "top_users", "leaderboard") if not RANKING.search(n)] == []
