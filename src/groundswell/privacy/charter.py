"""The charter: what is read, why, on what legal ground, for how long, who holds the keys, who was asked."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.protection import SECTION

FILE = "charter.toml"


_FILLERS = """
- -- ? . .. ... … x xx xxx n/a na none nothing nobody no yes ok todo tbd tba later test same see above
oui non aucun aucune rien personne à définir có không chưa
"""
NO_ANSWERS = frozenset(_FILLERS.split())
"""What people type to get past a question; a charter of such words would be complete and say nothing."""

LONGEST_ANSWER = 2_000
"""Characters; a page of text, which is more than anybody reads under one question."""


@dataclass(frozen=True, kw_only=True)
class Charter:
    """What a company declares before anything may be released; a field left empty makes it incomplete.

    Attributes:
        organisation: its name.
        purpose: what the results will be used for.
        not_for: what they will never be used for.
        legal_basis: for instance "legitimate interest, balanced on ..." or a works agreement.
        consultation: who was consulted, when, with what result.
        impact_assessment: where the assessment stands.
        sources: which exports are read.
        retention: how long rows are kept, and how they are erased.
        key_holders: who holds the pseudonym key, or its parts.
        contact: whom a person asks about their own data.
        opt_out: how a person opts out.
        signed: who signed it, and when.
    """

    organisation: str = ""
    purpose: str = ""
    not_for: str = ""
    legal_basis: str = ""
    consultation: str = ""
    impact_assessment: str = ""
    sources: str = ""
    retention: str = ""
    key_holders: str = ""
    contact: str = ""
    opt_out: str = ""
    signed: str = ""

    def missing(self) -> tuple[str, ...]:
        """Names of the fields that hold no answer; none for a complete charter."""
        return tuple(f.name for f in fields(self) if not is_answer(str(getattr(self, f.name))))


QUESTIONS: dict[str, Phrase] = {
    "organisation": say("What is the organisation called?"),
    "purpose": say("What will the results be used for?"),
    "not_for": say("What will they never be used for?"),
    "legal_basis": say("On what legal ground are the traces read?"),
    "consultation": say("Who was consulted (works council, staff), when, and with what result?"),
    "impact_assessment": say("Where does the data protection impact assessment stand?"),
    "sources": say("Which exports will be read?"),
    "retention": say("How long are rows kept, and how are they erased?"),
    "key_holders": say("Who holds the pseudonym key, or its parts?"),
    "contact": say("Whom does a person ask about what is held about them?"),
    "opt_out": say("How does a person opt out?"),
    "signed": say("Who signs this charter, and when?"),
}
"""Field -> the plain question `groundswell init` asks for it."""


def is_answer(text: str) -> bool:
    """Whether a text says something: two letters or figures at least, and more than words that only fill a field."""
    words = [word.strip(" .,;:!") for word in text.casefold().split()]
    return sum(map(str.isalnum, text)) >= 2 and not set(words) <= NO_ANSWERS | {""}


def problem(text: str) -> str:
    """Why a text cannot stand in a charter; "" if it can."""
    if any(not char.isprintable() for char in text):
        return "it holds a sign that is no text, such as an arrow key leaves"
    if len(text) > LONGEST_ANSWER:
        return f"it is longer than {LONGEST_ANSWER:,} characters"
    return ""


def read_charter(path: Path) -> Charter | None:
    """Read a charter file; None if there is none.

    Raises:
        InputError: it is not TOML, has a word that is no field, or a value that is no text.
    """
    if not path.is_file():
        return None
    known = {f.name for f in fields(Charter)}
    try:
        raw = tomllib.loads(path.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), "not TOML", expected='lines such as purpose = "..."') from error
    raw.pop(SECTION, None)  # read by groundswell.privacy.protection
    wrong = sorted(name for name, value in raw.items() if name not in known or not isinstance(value, str))
    if wrong:
        raise InputError(str(path), f"{', '.join(wrong)}: no such field, or not a text", expected=", ".join(sorted(known)))
    return Charter(**raw)


def to_toml(charter: Charter) -> str:
    """The charter as the text of charter.toml, each field under the question it answers."""
    lines = []
    for name, question in QUESTIONS.items():
        lines.append(f'# {question.text}\n{name} = "{_quoted(str(getattr(charter, name)))}"\n')
    lines.append(f"# A protection may be raised here, never lowered, for instance least_people = 15.\n[{SECTION}]\n")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A text inside a TOML string: quotes, backslashes and every sign that TOML does not take are escaped."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in plain)
