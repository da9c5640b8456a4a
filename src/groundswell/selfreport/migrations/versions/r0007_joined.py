"""Teams that take part in a drawn order."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "joined",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("starts", sa.Date),
        sa.PrimaryKeyConstraint("unit", name="pk_joined"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("joined")
