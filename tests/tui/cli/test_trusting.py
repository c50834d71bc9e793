"""A configuration of somebody else acts only after the person has allowed it, and each change is asked about anew."""

import io
import stat
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.config.settings import load_settings
from engine.config.trust import Trust
from tests.tui.command import fetchdeck
from tui.cli import trusting
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

COMMAND = "[sources.github]\norgs = ['python']\ntoken_command = ['sh', '-c', 'touch acted; echo t']\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def wiring(file: Path) -> Wiring:
    return Wiring(settings=load_settings(file), registry=Registry(), environ={}, version="1")


def written(folder: Path, text: str = COMMAND, name: str = "c.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_a_file_that_acts_is_refused_with_the_command_that_trusts_it(home: Path) -> None:
    file = written(home / "cloned")

    with pytest.raises(UsageError) as refused:
        trusting.require_trust(wiring(file))

    said = str(refused.value)
    assert "is not trusted, and it acts: sources.github.token_command runs sh -c touch acted; echo t" in said
    assert f"`fetchdeck trust {file}`" in said
    assert "\n" not in said


def test_what_was_trusted_may_act_until_it_acts_otherwise(home: Path) -> None:
    file = written(home / "cloned")
    trusting.allow(wiring(file))

    trusting.require_trust(wiring(file))
    written(home / "cloned", COMMAND + "workers = 3\n")
    trusting.require_trust(wiring(file))
    written(home / "cloned", COMMAND.replace("touch", "rm"))
    with pytest.raises(UsageError):
        trusting.require_trust(wiring(file))


def test_the_same_words_in_another_file_are_not_trusted(home: Path) -> None:
    trusting.allow(wiring(written(home / "one")))

    with pytest.raises(UsageError):
        trusting.require_trust(wiring(written(home / "two")))


def test_a_link_is_as_trusted_as_what_it_leads_to(home: Path) -> None:
    file = written(home / "cloned")
    (home / "link.toml").symlink_to(file)
    trusting.allow(wiring(file))

    trusting.require_trust(wiring(home / "link.toml"))


def test_what_is_trusted_is_kept_for_the_person_alone(home: Path) -> None:
    trusting.allow(wiring(written(home / "cloned")))

    (kept,) = (home / "state").rglob("trusted.toml")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "touch" not in kept.read_text()


@pytest.mark.parametrize(
    ("mode", "of_folder", "own"), [(0o644, 0o755, True), (0o664, 0o755, False), (0o600, 0o777, False)]
)
def test_a_file_of_the_persons_own_folder_needs_no_trust_if_nobody_else_can_write_it(
    home: Path, mode: int, of_folder: int, own: bool
) -> None:
    folder = home / "config" / "fetchdeck"
    file = written(folder, name="config.toml")
    file.chmod(mode)
    folder.chmod(of_folder)

    assert Trust(home / "kept", folder).is_own(file) is own


def test_a_link_from_the_own_folder_is_not_own(home: Path) -> None:
    folder = home / "config" / "fetchdeck"
    folder.mkdir(parents=True)
    (folder / "config.toml").symlink_to(written(home / "cloned"))

    assert not Trust(home / "kept", folder).is_own(folder / "config.toml")


@pytest.mark.parametrize(
    ("answer", "trusted"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_a_person_is_asked_once(home: Path, answer: str, trusted: bool) -> None:
    file, asked = written(home / "cloned"), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return answer

    for _ in range(2):
        if trusted:
            trusting.require_trust(wiring(file), ask=ask)
        else:
            with pytest.raises(UsageError):
                trusting.require_trust(wiring(file), ask=ask)

    assert len(asked) == (1 if trusted else 2)
    assert "  sources.github.token_command runs sh -c touch acted; echo t\n" in asked[0]


def test_nobody_is_asked_where_nobody_is(home: Path) -> None:
    assert trusting.asker(io.StringIO(), io.StringIO()) is None


def test_what_a_file_says_cannot_write_on_the_terminal(home: Path) -> None:
    file = written(home / "cloned", COMMAND.replace("'sh'", r'"\u001b[2Jsh\u202e"'))

    with pytest.raises(UsageError) as refused:
        trusting.require_trust(wiring(file))

    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


@pytest.mark.parametrize("command", [["run", "--headless"], ["check"], ["plan"], ["coverage"], ["export", "all"]])
def test_no_command_acts_before_the_file_is_trusted(tmp_path: Path, command: list[str]) -> None:
    written(tmp_path)

    ended = fetchdeck(tmp_path, *command, "--config", "c.toml")

    assert ended.returncode == 2
    assert "is not trusted, and it acts" in ended.stdout + ended.stderr
    assert not (tmp_path / "acted").exists()


def test_an_offline_check_needs_no_trust(tmp_path: Path) -> None:
    written(tmp_path)

    ended = fetchdeck(tmp_path, "check", "--offline", "--config", "c.toml")

    assert "not trusted" not in ended.stdout + ended.stderr
    assert not (tmp_path / "acted").exists()


def test_trust_allows_it_for_ever_and_the_option_once(tmp_path: Path) -> None:
    written(tmp_path)

    once = fetchdeck(tmp_path, "plan", "--config", "c.toml", "--trust")
    again = fetchdeck(tmp_path, "plan", "--config", "c.toml")
    trusted = fetchdeck(tmp_path, "trust", "c.toml")
    then = fetchdeck(tmp_path, "plan", "--config", "c.toml")

    assert "not trusted" not in once.stderr + then.stderr
    assert "not trusted" in again.stderr
    assert trusted.returncode == 0
    assert "  sources.github.token_command runs sh -c touch acted; echo t\n" in trusted.stdout


def test_a_file_that_init_wrote_is_trusted(tmp_path: Path) -> None:
    wrote = fetchdeck(
        tmp_path, "init", "--config", "c.toml", "--source", "github", "--set", 'github.orgs=["python"]',
        "--set", 'github.token_command=["true"]',
    )  # fmt: skip

    then = fetchdeck(tmp_path, "plan", "--config", "c.toml")

    assert wrote.returncode == 0
    assert "token_command" in (tmp_path / "c.toml").read_text()
    assert "not trusted" not in then.stderr
