"""The command line."""

from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.config.tables import ScreenSettings
from tui.cli.arguments import build_parser, parse_arguments
from tui.terminal.preferences import TerminalPreferences


def refusal(*argv: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_arguments(argv)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_a_command_sources_are_chosen_on_the_screen() -> None:
    arguments = parse_arguments([])

    assert arguments.command == "pick"
    assert (arguments.workers, arguments.limit, arguments.duration, arguments.full) == (None, None, None, False)


def test_a_run_takes_sources_and_options_in_any_order() -> None:
    arguments = parse_arguments(
        ["run", "github", "-w", "8", "pr0gramm", "--limit", "100", "--for", "1h30m", "--full", "--json", "-q"],
    )

    assert arguments.sources == ["github", "pr0gramm"]
    assert (arguments.workers, arguments.limit, arguments.duration) == (8, 100, 5400)
    assert arguments.full
    assert arguments.json
    assert arguments.quiet
    assert not arguments.headless


def test_the_configuration_is_named_before_or_after_the_command() -> None:
    before = parse_arguments(["--config", "a.toml", "--db", "x.db", "run"])
    after = parse_arguments(["run", "--config", "a.toml", "--db", "x.db"])

    assert (before.config, before.db) == (after.config, after.db) == (Path("a.toml"), Path("x.db"))


def test_settings_add_up_in_their_order() -> None:
    arguments = parse_arguments(["--set", "a.b=1", "run", "--set", "c.d=2", "--set", "e.f=3"])

    assert arguments.settings == ["a.b=1", "c.d=2", "e.f=3"]


@pytest.mark.parametrize("command", ["demo", "simulator", "sources", "check"])
def test_every_command_stands_alone(command: str) -> None:
    assert parse_arguments([command]).command == command


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "1001", "²"])
def test_workers_are_a_whole_number(value: str) -> None:
    assert "argument -w/--workers: got " in refusal("run", f"--workers={value}")


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
def test_a_limit_is_a_whole_number(value: str) -> None:
    assert f'argument --limit: got "{value}", want a whole number of at least 1' in refusal("run", f"--limit={value}")


def test_a_duration_is_refused_with_an_example() -> None:
    assert 'argument --for: got "soon", want a duration such as 20s' in refusal("run", "--for", "soon")


def test_a_mistyped_command_leads_to_the_nearest_one() -> None:
    message = refusal("rnu")

    assert message.startswith('there is no COMMAND "rnu": did you mean "run"? There are: changes, ')


def test_a_mistyped_option_leads_to_the_nearest_one() -> None:
    assert refusal("demo", "--workres", "3") == 'unknown option "--workres": did you mean "--workers"?'


def test_an_option_of_another_command_is_unknown() -> None:
    assert refusal("sources", "--limit", "3").startswith('unknown option "--limit"')


def test_an_option_is_never_guessed_from_its_beginning() -> None:
    assert refusal("demo", "--work", "3") == 'unknown option "--work": did you mean "--workers"?'


def test_short_options_stand_together_and_hold_their_value() -> None:
    arguments = parse_arguments(["run", "-qw", "8", "github", "-w9", "--", "pr0gramm"])

    assert (arguments.quiet, arguments.workers, arguments.sources) == (True, 9, ["github", "pr0gramm"])


def test_words_that_are_no_options_of_the_command_are_kept_in_their_order() -> None:
    arguments = parse_arguments(["run", "--year", "2024", "github", "-w", "8", "--forks", "pr0gramm"])

    assert arguments.words == ["--year", "2024", "github", "--forks", "pr0gramm"]


def test_a_word_too_many_is_named() -> None:
    assert refusal("demo", "github") == 'unknown argument "github": see fetchdeck demo --help'


def test_an_unknown_shell_names_those_there_are() -> None:
    assert 'there is no SHELL "fsh": did you mean "zsh"? There are: bash, tcsh, zsh' in refusal("completion", "fsh")


def test_help_is_readable_on_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in ([], *([name] for name in build_parser().subparsers())):
        with pytest.raises(SystemExit) as caught:
            parse_arguments([*argv, "--help"])

        assert caught.value.code == 0
        assert "--help" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["0", "0.1", "31", "x", "nan", "-1", ""])
def test_frames_a_second_are_a_number_in_bounds(value: str) -> None:
    assert refusal("run", f"--hz={value}").startswith(f'argument --hz: got "{value}", want a number from 0.2 to 30')


def test_the_command_line_overrides_how_the_screen_treats_its_terminal() -> None:
    settings = ScreenSettings(hz=2.0, ascii=False, bell=False)

    asked = TerminalPreferences.of(settings, hz=8.0, slow=True, ascii_only=True)
    unasked = TerminalPreferences.of(settings, hz=None, slow=False, ascii_only=False)

    assert asked == TerminalPreferences(hz=8.0, slow=True, ascii_only=True, bell=False)
    assert unasked == TerminalPreferences(hz=2.0, slow=False, ascii_only=False, bell=False)
