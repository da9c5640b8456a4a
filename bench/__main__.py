"""`make bench`: each stage beside its floor and beside the peer a user would pick, as ratios in one run.

`python -m bench reading ARGUMENTS` runs one script alone.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run every script that needs no argument of its own, one after the other, or the one that is named; say which failed."""
    scripts, rest = sorted(HERE.glob("[a-z]*.py")), sys.argv[1:]
    if rest and rest[0] in {script.stem for script in scripts}:
        scripts, rest = [HERE / f"{rest[0]}.py"], rest[1:]
    worst = 0
    for script in scripts:
        sys.stdout.write(f"\n== {script.stem}\n")
        sys.stdout.flush()
        worst = max(worst, subprocess.run([sys.executable, str(script), *rest], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
