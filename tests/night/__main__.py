"""`make night ARGS=PART`: what takes an hour or more, one part at a time. What follows PART is passed on to it.

soak: one harvest for half an hour, or FETCHDECK_SOAK seconds: its memory must not grow, its database stays whole.
fuzz: every property test with a hundred times its examples, or FETCHDECK_FUZZ times.
chaos: a harvest killed 500 times at moments drawn anew, then the law on 1,000 servers nobody tuned it for.
mutation: changes the pure packages, one place at a time, and sees whether a test falls; of one module when it is named,
as in ARGS='mutation engine.pacing.retry'. `python -m mutmut show NAME` prints a change that no test noticed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

PYTEST = (sys.executable, "-m", "pytest", "-q", "--timeout", "0")


def main(words: Sequence[str]) -> int:
    """Run a part; return how it ended."""
    part, rest = (words[0], words[1:]) if words else ("", ())
    match part:
        case "soak":
            return _run(*PYTEST, "-s", "-m", "night", "tests/night", *rest)
        case "fuzz":
            os.environ.setdefault("FETCHDECK_FUZZ", "100")
            return _run(*PYTEST, "-m", "hypothesis", "-n", "auto", *rest)
        case "chaos":
            seed = str(int(time.time()))  # the seed is part of what random_servers prints
            return _run(*PYTEST, "-m", "night", "tests/faults", *rest) or _run(
                sys.executable, "-m", "bench.random_servers", "--first", seed, "--many", "1000"
            )
        case "mutation":
            return _mutate([f"{module}.*" for module in rest])
    print(__doc__, file=sys.stderr)
    return 2


def _mutate(names: Sequence[str]) -> int:
    """Run mutmut, settings in pyproject.toml, and list what survived; copies and results stay in mutants/."""
    ended = _run(sys.executable, "-m", "mutmut", "run", *names)
    return ended or _run(sys.executable, "-m", "mutmut", "results")


def _run(*command: str) -> int:
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
