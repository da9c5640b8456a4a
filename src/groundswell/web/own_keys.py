"""Whether this server may look into the store for whoever asks, and under which address: one a provider vouches for."""

import os
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.privacy.keyring import Keys, open_keys
from groundswell.selfreport.accounts import ACCOUNTS
from groundswell.selfreport.settings import Settings

KEY = "GROUNDSWELL_KEY"
"""Variable that names the pseudonyms' key file; a server without it makes nobody's mirror."""


def keys_of(settings: Settings, now: datetime) -> Keys | None:
    """The keys, if whoever runs the server lets it have them; None otherwise, as where the key lies in parts with others.

    Raises:
        PrivacyError: the file is none, or others may read it.
    """
    place = os.environ.get(KEY, "")
    return open_keys(Path(place), store=settings.folder, now=now) if place and Path(place).exists() else None


def vouched_address(connection: Connection, account: str) -> str:
    """The address a provider of identities vouches for; "" for a local account, whose owner typed what they liked.

    Otherwise somebody could join under another person's address and see that person's words.
    """
    row = connection.execute(sa.select(ACCOUNTS.c.address, ACCOUNTS.c.issuer).where(ACCOUNTS.c.id == account)).one_or_none()
    return row.address or "" if row and row.issuer else ""
