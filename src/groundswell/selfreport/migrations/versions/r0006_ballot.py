"""Ballots of teams on their own view, their votes, and what a team was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables of ballots."""
    op.create_table(
        "ballots",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("opened", sa.Date, nullable=False),
        sa.Column("closes", sa.Date, nullable=False),
        sa.Column("wanted", sa.Boolean),
        sa.PrimaryKeyConstraint("unit", name="pk_ballots"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_claims",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_ballot_claims"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_votes",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("yes", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ballot_votes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "team_views",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("unit", name="pk_team_views"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("team_views", "ballot_votes", "ballot_claims", "ballots"):
        op.drop_table(table)
