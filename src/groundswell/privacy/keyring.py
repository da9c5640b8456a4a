"""Keeps the keys that make pseudonyms, one for each twelve months: a file of their own, never beside the data."""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from groundswell import drafts
from groundswell.errors import InputError, OutputError, PrivacyError

KEY_BYTES = 32
"""256 bits, as the specification asks (M11)."""

EPOCH_MONTHS = 12
"""After so long a new key begins (measures.md, section 4)."""

PARTS, NEEDED = 3, 2
"""A key is split into three parts, any two of which restore it: works council, data protection officer, IT."""


@dataclass(frozen=True)
class Epoch:
    """Twelve months under one key.

    Attributes:
        since: its first day, UTC.
        key: of the pseudonyms; None once destroyed.
    """

    since: date
    key: bytes | None

    @property
    def until(self) -> date:
        """First day of the next epoch; 29 February becomes 28 February."""
        year = self.since.year + EPOCH_MONTHS // 12
        leap = self.since.month == 2 and self.since.day == 29
        return self.since.replace(year=year, day=28) if leap else self.since.replace(year=year)


@dataclass(frozen=True)
class Keys:
    """What a key file holds.

    Attributes:
        epochs: oldest first; the last is the present one.
        opt_out: key of the remembered opt-outs; it outlives epochs, because a person who opted out stays out.
    """

    epochs: tuple[Epoch, ...]
    opt_out: bytes

    @property
    def key(self) -> bytes:
        """Key of the present epoch.

        Raises:
            PrivacyError: it was destroyed.
        """
        key = self.epochs[-1].key
        if key is None:
            raise PrivacyError(
                "key", "the key of this epoch was destroyed", remedy="Begin anew with another key file and a new company folder"
            )
        return key


def open_key(path: Path, *, store: Path | None = None) -> bytes:
    """Return the present epoch's pseudonym key kept in a file, making it on first use; see `open_keys`."""
    return open_keys(path, store=store).key


def open_keys(path: Path, *, store: Path | None = None, now: datetime | None = None) -> Keys:
    """Return the keys kept in a file, making them on first use, and begin a new epoch when the last is over.

    Args:
        path: the key file; its folder is made with owner-only rights if missing.
        store: the folder of the data; a key inside it would travel with every copy of the data, so that is refused.
        now: the moment; None begins no new epoch, as for a page of which nothing is kept.

    Raises:
        PrivacyError: the file lies in the store, others may read it, or it holds no keys.
    """
    if store is not None and _inside(path, store):
        raise PrivacyError(str(path), "the key would lie inside the store", remedy="Give --key a file outside it")
    if not path.exists():
        return _make(path, now)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise PrivacyError(
            str(path), f"others may read the key (mode {mode:o})", expected="mode 600", remedy="Run chmod 600 on it"
        )
    keys = _parse(path)
    if now is not None and now.date() >= keys.epochs[-1].until:
        keys = replace(keys, epochs=(*keys.epochs, Epoch(now.date(), secrets.token_bytes(KEY_BYTES))))
        drafts.replace(path, _written(keys))
    return keys


def _inside(path: Path, store: Path) -> bool:
    """Whether a path lies in a folder, links followed."""
    return path.resolve().is_relative_to(store.resolve())


def tag_of(key: bytes) -> str:
    """What tables call the key they were made with: a keyed hash that tells keys apart and tells nothing of them."""
    return hmac.new(key, b"\0epoch", hashlib.sha256).hexdigest()[:16]


def split(keys: Keys) -> tuple[str, ...]:
    """The present key and that of the opt-outs as three texts to print, any two of which restore them.

    The words carry a checksum each, so that a misspelt one is seen. Source: Shamir 1979; SLIP-0039.
    """
    from shamir_mnemonic import generate_mnemonics

    groups = generate_mnemonics(1, [(NEEDED, PARTS)], keys.key + keys.opt_out, iteration_exponent=0)
    head = f"Part {{n}} of {PARTS} of a Groundswell key; any {NEEDED} restore it. Keep it where nobody else can read it.\n"
    return tuple(head.format(n=n) + f"since {keys.epochs[-1].since}\n{words}\n" for n, words in enumerate(groups[0], 1))


def write_part(path: Path, part: str) -> None:
    """Write one part for its owner alone, never over another.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(part)
    except OSError as error:
        raise OutputError(str(path), f"it cannot be written ({error.strerror})", remedy="Choose another folder") from error


def join(parts: Sequence[str], path: Path) -> Keys:
    """Restore a key file from the printed parts of one epoch, or put that epoch's key back into the file it was missing from.

    Each epoch has parts of its own; without the earlier ones nobody can be found, shown or taken out of the earlier tables.

    Raises:
        InputError: they are too few, misspelt, or not of one key.
        PrivacyError: the file has that key already, or belongs to another company.
    """
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    told = [[line.strip() for line in part.strip().splitlines()] for part in parts]
    try:
        since = {date.fromisoformat(lines[-2].removeprefix("since ")) for lines in told}
        secret = combine_mnemonics([lines[-1] for lines in told])
    except (MnemonicError, ValueError, IndexError):
        # The library's own message quotes words of the key, so it is not passed on.
        since, secret = set(), b""
    if len(since) != 1 or len(secret) != 2 * KEY_BYTES:
        raise InputError("the parts", "they do not make a key", expected=f"{NEEDED} of the {PARTS} parts of one key, as printed")
    keys = Keys((Epoch(since.pop(), secret[:KEY_BYTES]),), secret[KEY_BYTES:])
    return _put_back(path, keys) if path.exists() else _write_new(path, keys)


def _put_back(path: Path, joined: Keys) -> Keys:
    keys, back = open_keys(path), joined.epochs[0]
    if keys.opt_out != joined.opt_out:
        raise PrivacyError(str(path), "there is a key already, of another company", remedy="Give --key another file")
    if back in keys.epochs:
        raise PrivacyError(str(path), "there is a key already, and it is this one", remedy="There is nothing to join")
    others = [epoch for epoch in keys.epochs if epoch.since != back.since]
    whole = Keys(tuple(sorted((*others, back), key=lambda epoch: epoch.since)), keys.opt_out)
    drafts.replace(path, _written(whole))
    return whole


def remove(path: Path) -> None:
    """Overwrite a key file once and delete it; a disk or a backup may still hold it."""
    _blank(path)
    path.unlink()


def _blank(path: Path) -> None:
    with path.open("r+b") as old:
        old.write(b"\0" * path.stat().st_size)
        old.flush()
        os.fsync(old.fileno())


def destroy(path: Path, since: date) -> Keys:
    """Forget one epoch's key: its pseudonyms can then be made from no name again, by nobody who holds this file alone.

    The file is written anew and the old one overwritten once; a disk, a backup or two printed parts may still hold the key.

    Raises:
        PrivacyError: there is no such epoch in the file.
    """
    keys = open_keys(path)
    if since not in {e.since for e in keys.epochs}:
        raise PrivacyError(str(path), f"no epoch began on {since}", expected=", ".join(str(e.since) for e in keys.epochs))
    left = replace(keys, epochs=tuple(replace(e, key=None) if e.since == since else e for e in keys.epochs))
    with drafts.drafted(path) as draft:
        drafts.write(draft, _written(left))  # first, so that a crash leaves the other keys
        _blank(path)
    return left


def _parse(path: Path) -> Keys:
    try:
        raw = json.loads(path.read_text("ascii"))
        epochs = tuple(
            Epoch(date.fromisoformat(e["since"]), None if e["key"] is None else bytes.fromhex(e["key"])) for e in raw["epochs"]
        )
        keys = Keys(epochs, bytes.fromhex(raw["opt_out"]))
    except (ValueError, KeyError, TypeError) as error:
        raise PrivacyError(
            str(path),
            "not a key file",
            expected='{"epochs": [{"since", "key"}], "opt_out"}',
            remedy="Restore it, or move it away",
        ) from error
    lengths = {len(k) for k in (keys.opt_out, *(e.key for e in keys.epochs)) if k is not None}
    if lengths != {KEY_BYTES} or not epochs:
        raise PrivacyError(str(path), "a key has another length", expected=f"{KEY_BYTES} bytes")
    return keys


def _make(path: Path, now: datetime | None) -> Keys:
    if now is None:
        now = datetime.now(UTC)  # for a page of which nothing is kept the day means nothing
    keys = Keys((Epoch(now.date(), secrets.token_bytes(KEY_BYTES)),), secrets.token_bytes(KEY_BYTES))
    return _write_new(path, keys)


def _write_new(path: Path, keys: Keys) -> Keys:
    """Write a new file so that either the whole is there or nothing: a torn key would orphan every pseudonym."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return keys if drafts.create(path, _written(keys)) else open_keys(path)


def _written(keys: Keys) -> str:
    held = {
        "epochs": [{"since": e.since.isoformat(), "key": None if e.key is None else e.key.hex()} for e in keys.epochs],
        "opt_out": keys.opt_out.hex(),
    }
    return json.dumps(held, indent=1)
