"""The frame grammar of simulated speech: which sentences can carry which act, in branches that share no sentence."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES: tuple[str, ...] = ("en", "fr", "vi")
_MASK = (1 << 64) - 1


@dataclass(slots=True)
class Dice:
    """Small draws for one message; the state is 64 bits that come from the world's own hash (Knuth's MMIX constants)."""

    state: int

    def below(self, bound: int) -> int:
        """An integer in [0, bound)."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (self.state >> 33) * bound >> 31

    def chance(self, share: float) -> bool:
        """True with probability `share`."""
        return self.below(1 << 20) < share * (1 << 20)


@dataclass(frozen=True)
class Branch:
    """Sentences of one construction.

    Attributes:
        act: act as frames name it, such as "drops_paused", "announces_any"; "none" for talk without an act.
        modality: a Modality; "done" for talk without an act.
        name: of the branch, unique within a language.
        texts: frames with slots {t} {k} {w} {p} {d} {f} {n} {o}.
        roots: for a branch of replies, what they answer; empty otherwise.
    """

    act: str
    modality: str
    name: str
    texts: tuple[str, ...]
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grammar:
    """Everything one language has.

    Attributes:
        acts: (act, modality) -> branches.
        exchanges: act -> branches of replies with their roots.
        ordinary, negatives: branches without an act; negatives look like one.
        work: job -> phrases.
        formal: job -> phrases, as announcements name it.
        clauses: what an announcement may add, by name.
        opens, closes, times, objects, dates, details: fillers; dates lie ahead, details end what is said from above.
    """

    acts: dict[tuple[str, str], tuple[Branch, ...]]
    exchanges: dict[str, tuple[Branch, ...]]
    ordinary: tuple[Branch, ...]
    negatives: tuple[Branch, ...]
    work: dict[str, tuple[str, ...]]
    formal: dict[str, tuple[str, ...]]
    clauses: dict[str, tuple[str, ...]]
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    times: tuple[str, ...]
    objects: tuple[str, ...]
    dates: tuple[str, ...]
    details: tuple[str, ...]


_PARTS = ("", "_did", "_said")  # files of a language: fillers and ordinary talk, what people do, what is said about it
_NOT_ACTS = frozenset(
    {"opens", "closes", "times", "objects", "dates", "details", "work", "formal", "clauses", "exchange", "ordinary",
     "negatives"}
)  # fmt: skip


@cache
def grammar(language: str) -> Grammar:
    """The grammar of one of LANGUAGES."""
    table: dict[str, Any] = {}
    for part in _PARTS:
        table |= tomllib.loads(files(__package__).joinpath(f"{language}{part}.toml").read_text(encoding="utf-8"))
    acts = {
        (act, modality): tuple(Branch(act, modality, f"{act}.{modality}.{name}", tuple(t)) for name, t in branches.items())
        for act, modalities in table.items()
        if act not in _NOT_ACTS
        for modality, branches in modalities.items()
    }
    exchanges: dict[str, tuple[Branch, ...]] = {}
    for n, row in enumerate(table["exchange"]):
        branch = Branch(row["act"], "done", f"exchange.{row['act']}.{n}", tuple(row["reply"]), tuple(row["root"]))
        exchanges[row["act"]] = (*exchanges.get(row["act"], ()), branch)
    return Grammar(
        acts=acts,
        exchanges=exchanges,
        ordinary=tuple(Branch("none", "done", f"ordinary.{name}", tuple(t)) for name, t in table["ordinary"].items()),
        negatives=tuple(Branch("none", "done", f"negatives.{name}", tuple(t)) for name, t in table["negatives"].items()),
        work={job: tuple(phrases) for job, phrases in table["work"].items()},
        formal={job: tuple(phrases) for job, phrases in table["formal"].items()},
        clauses={name: tuple(texts) for name, texts in table["clauses"].items()},
        opens=tuple(table["opens"]),
        closes=tuple(table["closes"]),
        times=tuple(table["times"]),
        objects=tuple(table["objects"]),
        dates=tuple(table["dates"]),
        details=tuple(table["details"]),
    )
