"""The pulse."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the pulse: none of them has an account, an hour or an order."""
    _tokens()
    _answers()
    op.create_table("pulse_sent", sa.Column("day", sa.Date, nullable=False), sa.PrimaryKeyConstraint("day", name="pk_pulse_sent"))


def downgrade() -> None:
    """Take them away."""
    for name in ("pulse_sent", "pulse_tallies", "pulse_answers", "pulse_waiting", "pulse_spent", "pulse_claims", "pulse_keys"):
        op.drop_table(name)


def _tokens() -> None:
    op.create_table(
        "pulse_keys",
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("quarter", name="pk_pulse_keys"),
    )
    op.create_table(
        "pulse_claims",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pulse_claims"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulse_spent",
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_pulse_spent"),
        sqlite_with_rowid=False,
    )


def _answers() -> None:
    op.create_table(
        "pulse_waiting",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pulse_waiting"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulse_answers",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("kept", sa.Boolean),
        sa.Column("stratum", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pulse_answers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulse_tallies",
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "item", "word", name="pk_pulse_tallies"),
        sqlite_with_rowid=False,
    )
