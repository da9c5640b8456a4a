"""Which account speaks from which place in a chat."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of links."""
    op.create_table(
        "chat_links",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_chat_links"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_chat_links_account", ondelete="cascade"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chat_links_account", "chat_links", ["account"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("chat_links")
