"""`make faults`: runs the tests of every fault; prints for each whether it passes, and the figure measured.

Words after it choose rows by number: `make faults ARGS='7 27'`.
"""

import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.faults.matrix import FAULTS, NIGHT, Fault

RUN = (sys.executable, "-m", "pytest", "-q", "-m", "not night", "-n", "auto", "--dist", "loadfile")


@dataclass
class Told:
    """What the tests of one file, or one test, came to."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: int = 0
    figures: list[str] = field(default_factory=list)


def main(words: Sequence[str]) -> int:
    """Print the table; return 1 if a row failed."""
    wanted = [fault for fault in FAULTS if not words or str(fault.number) in words]
    places = sorted({test for fault in wanted for test in fault.tests if not test.startswith(NIGHT)})
    files = sorted({place.partition("::")[0] for place in places})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run([*RUN, "-o", "junit_family=xunit1", f"--junitxml={report}", *files], check=False)
        told = read(report)
    rows = [row(fault, told) for fault in wanted]
    sys.stdout.write("\n| row | what goes wrong | what is promised | result | figure |\n|---|---|---|---|---|\n")
    sys.stdout.writelines(f"| {' | '.join(each)} |\n" for each in rows)
    return 1 if any(each[3].startswith("FAIL") for each in rows) else 0


def read(report: Path) -> Mapping[str, Told]:
    """Return what each test came to, by "file::test" without its parameters."""
    found: dict[str, Told] = defaultdict(Told)
    for case in ET.parse(report).iter("testcase"):
        file = case.get("file") or f"{(case.get('classname') or '').replace('.', '/')}.py"
        told = found[f"{file}::{(case.get('name') or '').partition('[')[0]}"]
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            told.failed.append(case.get("name") or "")
        elif "skipped" in kinds:
            told.skipped += 1
        else:
            told.passed += 1
        told.figures += [one.get("value") or "" for one in case.iter("property") if one.get("name") == "figure"]
    return found


def row(fault: Fault, told: Mapping[str, Told]) -> tuple[str, ...]:
    """Return the cells of a row."""
    mine = [one for name, one in told.items() for test in fault.tests if belongs(name, test)]
    failed = [name for one in mine for name in one.failed]
    passed = sum(one.passed for one in mine)
    missing = [test for test in fault.tests if not test.startswith(NIGHT) and not any(belongs(n, test) for n in told)]
    if not fault.tests:
        result = "later"
    elif failed or missing:
        result = f"FAIL: {', '.join([*failed, *missing])}"
    elif not passed:
        result = "by night" if all(test.startswith(NIGHT) for test in fault.tests) else "FAIL: all skipped"
    else:
        result = f"pass ({passed})"
    figures = "; ".join(dict.fromkeys(figure for one in mine for figure in one.figures))
    return str(fault.number), fault.what, fault.promise, result, figures


def belongs(name: str, test: str) -> bool:
    """Say whether a test is one that a row names: by itself, by its file, or by its folder."""
    return name == test or name.startswith((f"{test}::", f"{test}/"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
