"""What is made of an entry's texts when they are written, and the pen name of one without a name."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MADE = ("pen", "gist", "html")


def upgrade() -> None:
    """Make the columns; what was written before has nothing in them, and is made when it is read until it is written anew."""
    for name in MADE:  # one by one: a copy of the table, as Alembic's batches make it, would drop what hangs on the old one
        op.add_column("entries", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Take them away."""
    for name in MADE:
        op.drop_column("entries", name)
