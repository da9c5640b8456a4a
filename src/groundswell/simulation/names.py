"""What the people of a simulated company are called; every name is plainly invented."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from groundswell.simulation.catalogue import SITES
from groundswell.simulation.chance import Chance
from groundswell.simulation.people import Company

_PLAIN = str.maketrans("ỳêâđĐỹếươườạãảôốơ", "yeadDyeuouoaaaooo")
DOMAIN = "company.example"


@dataclass(frozen=True, slots=True)
class Persona:
    """How one person is written.

    Attributes:
        first, last: the name.
        email: at the company's reserved domain.
        login: at the code host.
        username: in chat.
        language: of the site.
    """

    first: str
    last: str
    email: str
    login: str
    username: str
    language: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def christen(company: Company, chance: Chance) -> tuple[Persona, ...]:
    """A name for everybody; no two have the same address, login or username, and few the same full name."""
    size = len(company)
    who = range(size)
    firsts = chance.stream("first name").bits(who).tolist()
    lasts = chance.stream("last name").bits(who).tolist()
    given, onset, coda = _lists()
    taken: dict[str, int] = {}
    people = []
    for i in who:
        language = SITES[int(company.site[i])][1]
        names = given[language]
        first = names[firsts[i] % len(names)]
        last = onset[lasts[i] % len(onset)] + coda[lasts[i] // 32 % len(coda)]
        if size > 400:  # a large company needs more surnames than two syllables give
            last += coda[lasts[i] // 1024 % len(coda)][:3]
        plain = _ascii(first)
        stem = f"{plain}.{_ascii(last)}"
        again = taken[stem] = taken.get(stem, 0) + 1
        mark = "" if again == 1 else str(again)
        login = f"{plain[:1]}{_ascii(last)}-{firsts[i] // 97 % 9000 + 1000}{mark}"
        people.append(Persona(first, last, f"{stem}{mark}@{DOMAIN}", login, f"{stem}{mark}", language))
    return tuple(people)


@cache
def _lists() -> tuple[dict[str, list[str]], list[str], list[str]]:
    """First names by language, and the two halves of a last name."""
    table = tomllib.loads(files("groundswell.simulation").joinpath("names.toml").read_text(encoding="utf-8"))
    last = table["last"]
    return {language: names.split() for language, names in table["first"].items()}, last["onset"].split(), last["coda"].split()


def _ascii(name: str) -> str:
    from unicodedata import normalize

    plain = normalize("NFD", name.translate(_PLAIN)).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())
