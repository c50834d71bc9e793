"""`make night ARGS=PART`: what takes an hour or more, one part at a time. What follows PART is passed on to it.

soak: one harvest of 300,000 requests, or FETCHDECK_SOAK: its memory and its descriptors must not grow.
fuzz: every property test with a hundred times its examples, or FETCHDECK_FUZZ times.
chaos: a harvest killed 500 times at moments drawn anew, then the law on 1,000 servers nobody tuned it for.
mutation: changes the pure packages, one place at a time, and sees whether a test of theirs fails; of one module when it
is named, as in ARGS='mutation engine.pacing.retry', and in some places drawn from all modules with
ARGS='mutation --sample 200 --seed 7'. `python -m mutmut show NAME` prints a change that no test noticed.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

PYTEST = (sys.executable, "-m", "pytest", "-q", "--timeout", "0")
MUTMUT = (sys.executable, "-m", "mutmut")
CAUGHT = frozenset({"killed", "timeout"})
"""What mutmut says of a mutant that a test noticed. A mutant that loops for ever is noticed as well."""


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
            return _mutate(rest)
    print(__doc__, file=sys.stderr)
    return 2


def _mutate(words: Sequence[str]) -> int:
    """Run mutmut, settings in pyproject.toml, and print its figure and what survived; all of it stays in mutants/."""
    parser = argparse.ArgumentParser(prog="mutation")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--sample", type=int, metavar="MANY", help="test so many places, drawn from all modules named")
    parser.add_argument("--seed", type=int, default=7, help="of the draw")
    wanted = parser.parse_args(words)
    # Loading only the plugins that these tests need is a third of the time of a mutant.
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    os.environ.setdefault("PYTEST_PLUGINS", "pytest_asyncio.plugin,pytest_timeout,_hypothesis_pytestplugin")

    patterns = [f"{module}.*" for module in wanted.modules] or ["*"]
    names = patterns
    if wanted.sample:
        # mutmut writes all mutants before it tests those named: the three of this module take no time.
        if _run(*MUTMUT, "run", "engine.model.lane_state.*", stdout=subprocess.DEVNULL):
            return 1
        known = sorted(_results(patterns))
        names = random.Random(wanted.seed).sample(known, min(wanted.sample, len(known)))
        names.sort()
    ended = _run(*MUTMUT, "run", *names)
    _report(_results(names))
    return ended


def _results(patterns: Sequence[str]) -> Mapping[str, str]:
    """Return what became of the mutants that these names or patterns match."""
    listing = subprocess.run((*MUTMUT, "results", "--all", "true"), check=True, capture_output=True, text=True).stdout
    found = dict(line.strip().split(": ", 1) for line in listing.splitlines() if ": " in line)
    return {name: how for name, how in found.items() if any(fnmatchcase(name, pattern) for pattern in patterns)}


def _report(results: Mapping[str, str]) -> None:
    counts = Counter(results.values())
    caught = sum(counts[how] for how in CAUGHT)
    for name, how in sorted(results.items()):
        if how not in CAUGHT:
            print(f"    {name}: {how}")
    told = ", ".join(f"{many} {how}" for how, many in counts.most_common())
    print(f"{caught} of {len(results)} mutants caught, {caught / max(1, len(results)):.1%} ({told})")


def _run(*command: str, stdout: int | None = None) -> int:
    return subprocess.run(command, check=False, stdout=stdout).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
