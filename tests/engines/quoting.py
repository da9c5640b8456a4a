"""Runs texts that fail on a name they hold, and writes what our engine says of each, and what Spark itself says.

python tests/engines/quoting.py ADDRESS FILE
"""

import json
import sys
from pathlib import Path

from pyspark.errors import PySparkException

from groundswell.errors import StoreError
from groundswell.privacy.quiet import told
from groundswell.store.spark import Spark

QUOTING = (
    "select cast(name as int) as n from (values ('Ada Quill')) as t(name)",
    "select to_date(name, 'yyyy') as n from (values ('Ada Quill')) as t(name)",
    "select raise_error(concat(name, ' wrote this')) as n from (values ('Ada Quill')) as t(name)",
    "select element_at(map('x', 1), name) / 0 as n from (values ('Ada Quill')) as t(name)",
)


def main(address, file):
    """Write a list of pairs: ours (message and what an unforeseen failure would print), Spark's."""
    engine = Spark(address, settings={"spark.ui.enabled": "false", "spark.sql.ansi.enabled": "true"})
    found = []
    for sql in QUOTING:
        try:
            engine.run(sql)
        except StoreError as error:
            ours = f"{error} {told(error)}"
        else:
            ours = ""
        try:
            engine.session.sql(sql).toArrow()
        except PySparkException as error:
            found.append((ours, str(error)))
    engine.close()
    Path(file).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
