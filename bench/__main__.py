"""`make bench`: each stage beside its floor and beside the peer a user would pick, as ratios in one run."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run every script that needs no argument of its own, one after the other; say which could not run."""
    worst = 0
    for script in sorted(HERE.glob("[a-z]*.py")):
        sys.stdout.write(f"\n== {script.stem}\n")
        sys.stdout.flush()
        worst = max(worst, subprocess.run([sys.executable, str(script), *sys.argv[1:]], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
