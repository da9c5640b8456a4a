"""Takes exports into a store, here or on a cluster.

    python tests/engines/taken_in.py EXPORTS STORE [spark address]

A process of its own, as a run of the command line is.
"""

import sys
from pathlib import Path

from counted import SMALL

from groundswell.runs.find import find
from groundswell.runs.heavy_spark import on_spark
from groundswell.runs.ingest import ingest
from groundswell.store.spark import Spark
from groundswell.store.tables import Store


def main(exports, store, address=""):
    """Recognise, read, settle."""
    found = find([Path(exports)]).exports
    engine = Spark(address, settings=SMALL) if address else None
    report = ingest(Store(Path(store)), found, key=bytes(range(32)), workers=2, run=on_spark(engine.session) if engine else None)
    if report.failed:
        raise SystemExit(str(report.failed[0][1]))
    if engine:
        engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
