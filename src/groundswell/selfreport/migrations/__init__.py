"""How the book grew, one revision after the other, by Alembic."""
