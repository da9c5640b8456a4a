"""`groundswell audit COMPANY PATH...`: label a small random sample, so that the counts become unbiased."""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from groundswell.cli.places import key_file
from groundswell.errors import GroundswellError
from groundswell.model.reading import Act

if TYPE_CHECKING:
    from groundswell.runs.audit import Item
    from groundswell.runs.folder import Folder

KEYS: dict[str, Act] = {
    "u": Act.USES,
    "t": Act.TRIES,
    "s": Act.SHARES,
    "k": Act.TAKES_UP,
    "l": Act.LEARNS,
    "d": Act.DROPS,
    "a": Act.ANNOUNCES,
    "o": Act.DEMANDS,
    "p": Act.PRESSED,
    "r": Act.RESTRICTS,
    "n": Act.NUDGES,
}
"""Key -> act; several may be pressed for one message, none means that it does nothing of the kind."""

MEANING: dict[Act, str] = {
    Act.USES: "used AI in ordinary work, or says so in passing",
    Act.TRIES: "made a trial whose result is open",
    Act.SHARES: "gave others something to reuse",
    Act.TAKES_UP: "used what somebody gave; thanks alone is not take-up",
    Act.LEARNS: "drew a failure, a limit, a cost or a rule from use",
    Act.DROPS: "gave up",
    Act.ANNOUNCES: "announces a plan, a group, an event, a policy",
    Act.DEMANDS: "asked or ordered others to use AI",
    Act.PRESSED: "says they were asked or ordered to",
    Act.RESTRICTS: "set a limit on AI",
    Act.NUDGES: "a peer's encouragement",
}
"""What an act is, in the codebook's words."""


class Show(StrEnum):
    """Where messages are shown."""

    TERMINAL = "terminal"
    PAGE = "page"


def audit(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    paths: Annotated[list[Path], typer.Argument(help="The chat exports that were read into it.", show_default=False)],
    messages: Annotated[int, typer.Option("--messages", "-n", min=10, help="How many messages to label.")] = 100,
    second: Annotated[
        bool, typer.Option("--second", help="You are the second person: label a fifth of the same sample.")
    ] = False,
    show: Annotated[Show, typer.Option(help="Label in the terminal or on a page only this machine can open.")] = Show.TERMINAL,
    seed: Annotated[int, typer.Option(help="Of the draw; both labellers give the same.")] = 1,
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")] = None,  # noqa: UP045 - typer reads it
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Then let the reader learn from the labels, for a new folder.")
    ] = False,
) -> None:
    """Show a random sample of messages one by one, without date, place or author, and store what you see in them."""
    from groundswell.privacy.keyring import open_keys
    from groundswell.privacy.optout import read_opt_out
    from groundswell.runs import audit as story
    from groundswell.runs.company import units_of
    from groundswell.runs.find import find
    from groundswell.runs.folder import Folder
    from groundswell.runs.names import read_names
    from groundswell.runs.readers import settled

    place, now = Folder(company), datetime.now(UTC)
    store = place.store()
    keys = open_keys(key or key_file(), store=company)
    opt_out = read_opt_out(place.opt_out_file, keys.opt_out)
    names = settled(read_names([*paths, company]), store)
    exports, units = find(paths).exports, units_of(store)
    items = story.sample(exports, key=keys.key, names=names, n=messages, seed=seed, opt_out=opt_out, units=units)
    coder = 2 if second else 1
    waiting = story.unlabelled(store, story.repeated(items, seed=seed) if second else items, coder=coder)
    if not waiting:
        typer.echo("Every message of this sample is labelled already. Give another --seed to label more.")
        _learn(retrain, place, lambda: story.retrain(store, items, company, names=names))
        return
    story.opened(place.record_file, len(waiting), coder=coder, now=now)
    ask = _ask_in_terminal if show is Show.TERMINAL else _ask_on_page
    labelled: list[tuple[Item, Collection[Act]]] = []
    with suppress(KeyboardInterrupt):
        ask(waiting, lambda item, acts: labelled.append((item, acts)))
    if labelled:
        story.keep(store, story.rows(labelled, coder=coder))
    typer.echo(f"{len(labelled)} of {len(waiting)} messages labelled and kept, without their text.")
    _learn(retrain, place, lambda: story.retrain(store, items, company, names=names))


def _learn(wanted: bool, place: "Folder", retrain: Callable[[], tuple[Path | None, int] | None]) -> None:
    """Retrain if asked to, and say what that changes."""
    if not wanted:
        return
    made = retrain()
    if made is None:
        from groundswell.runs.audit import LEAST_TO_LEARN

        typer.echo(f"The reader was not retrained: at least {LEAST_TO_LEARN} messages of this sample must be labelled.")
        return
    if made[0] is None:
        typer.echo(f"The reader was not changed: {made[1]} labels did not help on messages left out in turn.")
        return
    from groundswell.runs.audit import learned

    learned(place.record_file, made[1], now=datetime.now(UTC))
    typer.echo(
        f"Retrained on {made[1]} messages: {made[0].name}. A folder is read by one reader, so that its audit stays true of it: "
        "copy this file into a new company folder, read the exports there, and audit again."
    )


Label = Callable[["Item", Collection[Act]], None]


def _ask_in_terminal(items: "list[Item]", say: Label) -> None:
    """One message at a time; letters for acts, Enter for none, `!` to stop."""
    for letter, act in KEYS.items():
        typer.echo(f"  {letter}  {MEANING[act]}")
    typer.echo(
        "  Enter alone: nothing of the kind was done (planned, negated, asked about, reported of another: not done). !: stop\n"
    )
    for n, item in enumerate(items, 1):
        typer.echo(f"--- {n} of {len(items)}\n{item.text.strip()}\n")
        while True:
            answer = typer.prompt("", prompt_suffix="> ", default="", show_default=False).strip().lower()
            if answer == "!":
                return
            letters = set(answer.replace(" ", ""))
            if letters <= KEYS.keys():
                say(item, {KEYS[letter] for letter in letters})
                break
            typer.echo(f"No act has the letter {', '.join(sorted(letters - KEYS.keys()))}. Letters are {' '.join(KEYS)}.")


def _ask_on_page(items: "list[Item]", say: Label) -> None:
    from groundswell.cli.audit_page import serve

    try:
        serve(
            items,
            say,
            keys=KEYS,
            meaning=MEANING,
            opened=lambda url: typer.echo(f"Label at {url}  (only this machine can open it)"),
        )
    except OSError as error:
        raise GroundswellError("audit page", "no local port can be opened", remedy="Label in the terminal instead") from error
