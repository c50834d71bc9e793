"""The wheel that strangers install, and the files a newcomer needs."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"engine", "sources", "tui", "themes", "simulator"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the build backend that is installed, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_exactly_our_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        tops = {name.partition("/")[0] for name in files.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_the_wheel_brings_the_themes_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()

    assert sum(name.startswith("themes/") and name.endswith(".toml") for name in names) >= 4
    assert any(name.endswith("LICENSE") for name in names)


def test_the_wheel_offers_the_command_and_the_sources(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        (entry_points,) = (name for name in files.namelist() if name.endswith("entry_points.txt"))
        text = files.read(entry_points).decode()

    assert "fetchdeck = tui.__main__:main" in text
    assert {"github", "pr0gramm"} <= set(re.findall(r"^(\w+) = sources\.", text, re.MULTILINE))


def test_every_dependency_has_a_range_and_a_locked_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {plain(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)}

    for dependency in project["dependencies"]:
        assert re.fullmatch(r"[\w.-]+>=[\d.]+,<[\d.]+", dependency), dependency
        assert plain(re.split(r"[><=]", dependency)[0]) in locked, dependency


def plain(name: str) -> str:
    """Spell a project's name the one way all spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("target", "brings_tools"), [("demo", False), ("wheel", False), ("test", True), ("lint", True)]
)
def test_development_tools_come_with_the_first_target_that_needs_them(
    tmp_path: Path, target: str, brings_tools: bool
) -> None:
    dry_run = ["make", "--dry-run", f"VENV={tmp_path / 'venv'}", target]
    commands = subprocess.run(dry_run, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert ("'.[dev]'" in commands) == brings_tools
    installs = [line for line in commands.splitlines() if "pip install" in line]
    assert installs
    assert all("--constraint constraints.txt" in line and "--quiet" not in line for line in installs)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_to_the_tested_version_with_the_hashes_of_its_files(name: str) -> None:
    tested = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    versions = {plain(package): version for package, version in tested.items()}
    text = (ROOT / name).read_text()
    blocks = re.findall(r"^([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if re.match(r"[\w.-]+==", line)]

    assert len(blocks) == len(lines) > 20
    for package, version, _ in blocks:
        assert versions.get(plain(package), version) == version, package
