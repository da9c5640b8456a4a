"""What waits to be shown."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of what its author may still take back."""
    op.create_table(
        "escrow",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("pen", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("alone", sa.Boolean, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("on", sa.Date),
        sa.PrimaryKeyConstraint("number", name="pk_escrow"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_escrow_account", ondelete="cascade"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_escrow_account", "escrow", ["account"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("escrow")
