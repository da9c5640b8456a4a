"""Keeps the key that makes pseudonyms: its own file, its owner's eyes only, never beside the data."""

import json
import os
import secrets
import stat
from pathlib import Path

from groundswell.errors import PrivacyError

KEY_BYTES = 32
"""256 bits, as the specification asks (M11)."""


def open_key(path: Path, *, store: Path | None = None) -> bytes:
    """Return the pseudonym key kept in a file, making it on first use.

    Args:
        path: the key file; its folder is made with owner-only rights if missing.
        store: the store's folder; a key inside it would travel with every copy of the data, so that is refused.

    Raises:
        PrivacyError: the file lies in the store, others may read it, or it holds no key.
    """
    if store is not None and path.resolve().is_relative_to(store.resolve()):
        raise PrivacyError(str(path), "the key would lie inside the store", remedy="Give --key a file outside it")
    if not path.exists():
        return _make(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise PrivacyError(
            str(path), f"others may read the key (mode {mode:o})", expected="mode 600", remedy="Run chmod 600 on it"
        )
    try:
        key = bytes.fromhex(json.loads(path.read_text("ascii"))["key"])
    except (ValueError, KeyError, TypeError) as error:
        raise PrivacyError(str(path), "not a key file", expected='{"key": 64 hexadecimal digits}') from error
    if len(key) != KEY_BYTES:
        raise PrivacyError(str(path), f"the key has {len(key)} bytes", expected=f"{KEY_BYTES} bytes")
    return key


def _make(path: Path) -> bytes:
    """Write a new key so that either the whole key is there or none: a torn key would orphan every pseudonym."""
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        json.dump({"key": key.hex()}, out)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)  # unlike rename, fails if another run made one meanwhile
    except FileExistsError:
        return open_key(path)
    finally:
        draft.unlink()
    return key
