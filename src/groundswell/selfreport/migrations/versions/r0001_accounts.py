"""Accounts, sessions, the logbook, what leaders grant."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "grant_quarters", "grant_uses", "grants", "uses", "attachments", "entries", "tries", "pending", "sessions", "welcomes",
    "passkeys", "accounts",
)  # fmt: skip


def upgrade() -> None:
    """Make the first tables."""
    _accounts()
    _keys()
    _sessions()
    _entries()
    _around_entries()
    _grants()


def downgrade() -> None:
    """Take them away."""
    for name in TABLES:
        op.drop_table(name)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _of(table: str, column: str, other: str, gone: str = "cascade") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete=gone)


def _accounts() -> None:
    op.create_table(
        "accounts",
        *_text("id"),
        sa.Column("address", sa.Text),
        *_text("name", "unit", "role"),
        sa.Column("leads", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("password", "recovery", "issuer", "subject")),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("address", name="uq_accounts_address"),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_provider"),
        sqlite_with_rowid=False,
    )


def _keys() -> None:
    op.create_table(
        "passkeys",
        *_text("id", "account"),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        _of("passkeys", "account", "accounts"),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "welcomes",
        *_text("key", "unit", "role"),
        sa.Column("leads", sa.Boolean, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_welcomes"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        *_text("key", "account"),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sessions"),
        _of("sessions", "account", "accounts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    for name, more in (("pending", _text("content")[0]), ("tries", sa.Column("n", sa.Integer, nullable=False))):
        op.create_table(
            name,
            *_text("key"),
            more,
            sa.Column("until", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("key", name=f"pk_{name}"),
        )


def _entries() -> None:
    op.create_table(
        "entries",
        *_text("id"),
        sa.Column("account", sa.Text),
        sa.Column("edit_key", sa.Text),
        *_text("visible", "unit", "job", "tool", "tool_key", "title", "tried", "happened", "outcome", "drop_kind", "learned"),
        *_text("link", "found_by"),
        sa.Column("parent", sa.Text),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        _of("entries", "account", "accounts"),
        _of("entries", "parent", "entries", "set null"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entries_account", "entries", ["account"])
    op.create_index("ix_entries_parent", "entries", ["parent"])
    op.create_index("ix_entries_practice", "entries", ["job", "tool_key", "visible", "unit", "account"])
    op.create_index("ix_entries_day", "entries", ["day", "id"])


def _around_entries() -> None:
    op.create_table(
        "attachments",
        *_text("id", "entry", "name", "content"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        _of("attachments", "entry", "entries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attachments_entry", "attachments", ["entry"])
    op.create_table(
        "uses",
        *_text("entry", "account"),
        sa.Column("since", sa.Date, nullable=False),
        *_text("asked"),
        sa.Column("still", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("entry", "account", name="pk_uses"),
        _of("uses", "entry", "entries"),
        _of("uses", "account", "accounts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_uses_account", "uses", ["account"])


def _grants() -> None:
    op.create_table(
        "grants",
        *_text("id", "account", "unit", "kind", "per", "currency", "note"),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        _of("grants", "account", "accounts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_grants_account", "grants", ["account"])
    op.create_table(
        "grant_uses",
        *_text("account", "quarter"),
        sa.PrimaryKeyConstraint("account", "quarter", name="pk_grant_uses"),
        _of("grant_uses", "account", "accounts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grant_quarters",
        *_text("quarter"),
        sa.Column("reached", sa.Integer),
        sa.Column("used", sa.Integer),
        sa.PrimaryKeyConstraint("quarter", name="pk_grant_quarters"),
    )
