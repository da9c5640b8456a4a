"""From an act, a tool and a job to the words of one message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from groundswell.simulation.catalogue import JOBS, TOOLS
from groundswell.simulation.speech.frames import Branch, Dice, Grammar, grammar

TYPO = 0.03
BARE = {"en": 0.0, "fr": 0.06, "vi": 0.05}  # share of messages typed without any accent
SHORT = 0.05  # share of messages with the abbreviations of a hurried thumb
SWITCHED = 0.08  # share of work that is called by its English name in a sentence of another language
_ANY = {"en": ("AI", "AI", "the AI tools"), "fr": ("l'IA", "l'IA"), "vi": ("AI", "công cụ AI")}
_VARIANTS = {
    "chatgpt": ("ChatGPT", "ChatGPT", "chatgpt", "GPT", "Chat GPT"),
    "copilot": ("Copilot", "Copilot", "copilot", "GitHub Copilot"),
    "claude": ("Claude", "Claude", "Claude Code", "claude"),
    "cursor": ("Cursor", "Cursor", "cursor"),
    "gemini": ("Gemini", "Gemini", "gemini"),
    "codex": ("Codex", "codex"),
}
_SHORTENED = {
    "en": (
        (" because ", " bc "),
        (" with ", " w/ "),
        ("please", "pls"),
        ("thanks", "thx"),
        (" you ", " u "),
        (" tomorrow", " tmrw"),
    ),
    "fr": (
        (" pour ", " pr "),
        (" avec ", " avc "),
        ("quelqu'un", "qqn"),
        ("beaucoup", "bcp"),
        ("toujours", "tjs"),
        ("merci", "mci"),
    ),
    "vi": (("không", "ko"), (" được", " đc"), ("mọi người", "mn"), (" rồi", " r"), (" với ", " vs "), ("cảm ơn", "tks")),
}
_BITS = ("reason", "deadline", "obligation", "sanction", "limit", "example", "permission")
_PLAINLY = 0.4  # of what people do they name as the official lists do: "code review" rather than "the second look"
_SLOT = re.compile(r"\{([tkwpdfno])\}")
_FROM_ABOVE = frozenset({"announces", "demands", "topic", "relays"})
_WHOLE = ("> ", "`", "https://")  # a quotation, code or a link stands as it is, or it is none
OPEN, SHUT = "\ue000", "\ue001"  # a person's number between them is a mention, which every export writes in its own way


@dataclass(frozen=True, slots=True)
class Said:
    """What a message is to say.

    Attributes:
        act: act as frames name it ("topic" and "relays" are announcements that are passed down); "none" for ordinary talk.
        modality: a Modality.
        tool: number in TOOLS; -2 for AI in general, -1 for none.
        job: number in JOBS.
        words: bit set of clauses to add (see acts).
        reasons: bit set of reasons to name.
    """

    act: str
    modality: str = "done"
    tool: int = -1
    job: int = len(JOBS) - 1
    words: int = 0
    reasons: int = 0


def label(tool: int, week: int, language: str, dice: Dice) -> str:
    """How somebody writes a tool's name in a week; renamed tools keep their old name with some people for a while."""
    if tool < 0:
        names = _ANY[language]
        return names[dice.below(len(names))]
    kind = TOOLS[tool]
    if kind.renamed is not None and week >= kind.renamed and dice.chance(0.8 if week >= kind.renamed + 8 else 0.4):
        return kind.later
    variants = _VARIANTS.get(kind.name, (kind.label,))
    return variants[dice.below(len(variants))]


def pick(branches: tuple[Branch, ...], dice: Dice) -> str:
    """A frame of one of the branches."""
    branch = branches[dice.below(len(branches))]
    return branch.texts[dice.below(len(branch.texts))]


def compose(said: Said, *, language: str, week: int, names: Sequence[str], dice: Dice, frame: str | None = None) -> str:
    """The text of one message.

    Args:
        said: what it says.
        language: one of LANGUAGES.
        week: week of the world, for what tools are called.
        names: colleagues as a text would name them, at least one.
        dice: chance.
        frame: the frame, if a thread has decided it already.
    """
    g = grammar(language)
    if frame is None:
        frame = pick(g.acts[(said.act, said.modality)], dice) if said.act != "none" else pick(g.ordinary, dice)
    if said.words or said.reasons:
        frame += _clauses(said, g, dice)
    if said.act in _FROM_ABOVE:
        frame = _detailed(frame, g, dice)
    text = fill(frame, said, g, language=language, week=week, names=names, dice=dice)
    if _shouted(frame):
        return text.upper()
    if frame.startswith(_WHOLE):
        return text
    close = g.closes[dice.below(len(g.closes))] if text[-1] not in "?!." else ""
    return _spoil(g.opens[dice.below(len(g.opens))] + text + close, language, dice)


def fill(frame: str, said: Said, g: Grammar, *, language: str, week: int, names: Sequence[str], dice: Dice) -> str:
    """A frame with its slots filled: the same everywhere in a frame, but for colleagues, of whom there are several."""
    parts = _parts(frame)
    if len(parts) == 1:
        return frame
    filled = list(parts)
    chosen: dict[str, str] = {}
    for at in range(1, len(parts), 2):
        slot = parts[at]
        if slot == "p":
            filled[at] = names[dice.below(len(names))]
        elif slot in chosen:
            filled[at] = chosen[slot]
        else:
            filled[at] = chosen[slot] = _filler(slot, said, g, language, week, dice)
    text = "".join(filled)
    return _contracted(text) if language == "fr" else text


@lru_cache(maxsize=8192)
def _parts(frame: str) -> tuple[str, ...]:
    """Words and slots in turn; words first and last."""
    return tuple(_SLOT.split(frame))


@lru_cache(maxsize=8192)
def _shouted(frame: str) -> bool:
    """Whether a frame is written in capitals."""
    return "".join(_parts(frame)[::2]).isupper()


def _filler(slot: str, said: Said, g: Grammar, language: str, week: int, dice: Dice) -> str:
    if slot == "t":
        return label(said.tool, week, language, dice)
    if slot == "n":
        return str(2 + dice.below(8))
    if slot in "kw":
        source = g if language == "en" or not dice.chance(SWITCHED) else grammar("en")
        words = source.formal if slot == "w" or dice.chance(_PLAINLY) else source.work
        job = JOBS[said.job] if said.act != "none" else JOBS[dice.below(len(JOBS))]
        texts = words[job]
    else:
        texts = g.times if slot == "d" else g.dates if slot == "f" else g.objects
    text = texts[dice.below(len(texts))]
    return text.replace("{n}", str(2 + dice.below(8))) if "{n}" in text else text


def _contracted(text: str) -> str:
    """French articles after de and à."""
    for long, short in ((" de le ", " du "), (" de les ", " des "), (" à le ", " au "), (" à les ", " aux ")):
        text = text.replace(long, short)
    return text


def _clauses(said: Said, g: Grammar, dice: Dice) -> str:
    chosen = [name for bit, name in enumerate(_BITS) if said.words >> bit & 1 and not (name == "reason" and said.reasons)]
    chosen += [f"why{bit}" for bit in range(5) if said.reasons >> bit & 1]
    out = ""
    for _ in range(len(chosen)):
        texts = g.clauses[chosen.pop(dice.below(len(chosen)))]
        out += (". ", ", ", " - ", "; ")[dice.below(4)] + texts[dice.below(len(texts))]
    return out


def _detailed(frame: str, g: Grammar, dice: Dice) -> str:
    """Who owns it, where to ask, when one looks back: up to two such details; and most of what leads write is well spelled."""
    for _ in range(dice.below(3)):
        frame += (". ", ".\n", " - ")[dice.below(3)] + g.details[dice.below(len(g.details))]
    return frame[0].upper() + frame[1:] if dice.chance(0.6) else frame


def _spoil(text: str, language: str, dice: Dice) -> str:
    """Now and then no accents or abbreviations, two letters that change places, a letter missing, or all in lower case."""
    lot = dice.below(1 << 20) / (1 << 20)
    if lot < BARE[language]:
        text = bare(text)
    elif lot < BARE[language] + SHORT:
        for long, short in _SHORTENED[language]:
            text = text.replace(long, short)
    if not dice.chance(TYPO) or len(text) < 8:
        return text
    at = 2 + dice.below(len(text) - 4)
    if not (text[at].isalpha() and text[at + 1].isalpha()) or OPEN in text:
        return text.lower() if OPEN not in text else text
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if dice.chance(0.5) else text[:at] + text[at + 1 :]


def bare(text: str) -> str:
    """The text without its accents, as keyboards of abroad and hurry give it."""
    plain = normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return normalize("NFC", "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f"))
