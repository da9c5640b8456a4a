"""The pulse as the file its source reads: the answers of one quarter that is over, with nothing that leads to a person."""

import csv
from pathlib import Path

from sqlalchemy import Connection

from groundswell.selfreport import pulse
from groundswell.selfreport.answers import deal

COLUMNS = ("Answer", "Day", "Tool", "Job", "Used", "How", "Expected", "Kept", "Second", "Level", "Reasons", "Stratum", "Weight")


def answers_to_file(connection: Connection, quarter: str, path: Path, *, secret: bytes) -> int:
    """Write the answers of a quarter in the form of the source `pulse`; how many there are.

    The same quarter gives the same file, so that it is read once. Fewer answers than a batch are not written.

    Args:
        connection: of a writing transaction, since answers that waited for a full batch are moved now.
        quarter: one that is over: while it runs, each new file would show who answered since the last.
        path: the file; not made if there is nothing to write.
        secret: of the server.
    """
    pulse.settle(connection, quarter)
    rows, counts = pulse.quarter_answers(connection, quarter)
    if not rows:
        return 0
    with path.open("w", newline="", encoding="utf8") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(deal(secret, rows, counts))
    return len(rows)
