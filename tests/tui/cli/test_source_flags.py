"""Options of the command line that are keys of the sources named on it."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import UsageError
from engine.config.settings import Settings
from tui.cli.arguments import parse_arguments
from tui.cli.subcommands.setup import wiring_for
from tui.wiring.registry import GROUP, Registry

SHIPPED = [
    EntryPoint("github", "sources.github.source:GitHub", GROUP),
    EntryPoint("gitlab", "sources.gitlab.source:GitLab", GROUP),
    EntryPoint("pr0gramm", "sources.pr0gramm.source:Pr0gramm", GROUP),
    EntryPoint("rest", "sources.rest.source:Rest", GROUP),
    EntryPoint("videos", "sources.videos.source:Videos", GROUP),
]


def settings(folder: Path, *words: str) -> tuple[list[str], Settings]:
    """Return the sources and the settings that a command line comes to."""
    config = folder / "config.toml"
    config.touch()
    arguments = parse_arguments([*words, "--config", str(config)])
    wiring = wiring_for(arguments, environ={}, registry=Registry(SHIPPED))
    return arguments.sources, wiring.settings


def own(folder: Path, *words: str, name: str = "github") -> dict[str, Any]:
    return dict(settings(folder, *words)[1].source(name).own)


def refusal(folder: Path, *words: str) -> str:
    with pytest.raises(UsageError) as caught:
        settings(folder, *words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "words",
    [("github", "--year", "2024"), ("--year", "2024", "github"), ("github", "--year=2024"), ("--year=2024", "github")],
)
def test_a_key_of_a_source_is_an_option_before_and_after_its_name(tmp_path: Path, words: tuple[str, ...]) -> None:
    sources, found = settings(tmp_path, "run", "--headless", *words, "--limit", "3")

    assert sources == ["github"]
    assert found.source("github").own == {"year": 2024}


def test_an_option_wins_over_the_file_and_over_set(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sources.github]\nyear = 2020\nforks = true\n")

    found = own(tmp_path, "run", "github", "--set", "github.year=2021", "--year", "2022")

    assert found == {"year": 2022, "forks": True}


def test_a_switch_has_two_words(tmp_path: Path) -> None:
    assert own(tmp_path, "run", "pr0gramm", "--fill-gaps", name="pr0gramm") == {"fill_gaps": True}
    assert own(tmp_path, "run", "--no-fill-gaps", "pr0gramm", name="pr0gramm") == {"fill_gaps": False}


def test_an_option_of_a_list_is_repeated(tmp_path: Path) -> None:
    found = own(tmp_path, "run", "gitlab", "--groups", "12", "--groups", "a/b", "--include", "[ab]*", name="gitlab")

    assert found == {"groups": [12, "a/b"], "include": ["[ab]*"]}


def test_a_word_is_read_as_its_key_wants_it(tmp_path: Path) -> None:
    found = settings(tmp_path, "run", "github", "--since", "2024-03-01", "--users", "2024", "--rate", "50/5s")[1]

    assert str(found.source("github").own["since"]) == "2024-03-01"
    assert found.source("github").own["users"] == ["2024"]
    assert found.source("github").common.allowances() == {"": (50, 5.0)}


def test_an_option_is_for_every_named_source_that_has_the_key(tmp_path: Path) -> None:
    _, found = settings(tmp_path, "plan", "github", "pr0gramm", "gitlab", "--concurrency", "2")

    given = {name: found.source(name).own for name in ("github", "pr0gramm", "gitlab")}
    assert given == {"github": {}, "pr0gramm": {"concurrency": 2}, "gitlab": {"concurrency": 2}}


def test_without_a_name_it_is_for_the_sources_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[sources.github]\norgs = ["a"]\n')

    sources, found = settings(tmp_path, "check", "--year", "2024")

    assert (sources, found.source("github").own["year"]) == ([], 2024)


def test_a_value_may_be_the_name_of_a_source(tmp_path: Path) -> None:
    sources, found = settings(tmp_path, "run", "gitlab", "--target", "github")

    assert (sources, found.source("gitlab").own) == (["gitlab"], {"target": "github"})


def test_a_source_made_by_the_configuration_has_options_too(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[sources.mine]\nkind = "rest"\nbase_url = "https://a.test"\nendpoints.things.path = "/things"\n'
    )

    assert own(tmp_path, "run", "mine", "--requests-per-minute", "5", name="mine")["requests_per_minute"] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("github", "--yaer", "2024"), 'unknown option "--yaer": did you mean "--year"?'),
        (("github", "--workres", "2"), 'unknown option "--workres": did you mean "--workers"?'),
        (("--work", "3"), 'unknown option "--work": did you mean "--workers"?'),
        (("-x",), 'unknown option "-x": see fetchdeck --help'),
        (("github", "--kind", "rest"), 'unknown option "--kind": '),
        (
            ("github", "--fill-gaps"),
            "--fill-gaps: github has no such option; pr0gramm has, as in `fetchdeck run pr0gramm --fill-gaps`",
        ),
        (("--year", "2024"), "--year: no source is named; github has, as in `fetchdeck run github --year`"),
        (("gihub", "--year", "2024"), 'there is no source "gihub": did you mean "github"?'),
        (("github", "--year"), "--year: wants a value"),
        (("github", "--year", "--forks"), "--year: wants a value"),
        (("pr0gramm", "--fill-gaps=1"), "--fill-gaps: takes no value; the opposite is --no-fill-gaps"),
        (("github", "x.toml"), "x.toml: no source named here takes a file"),
    ],
)
def test_what_cannot_be_meant_is_one_line_with_the_way_out(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    assert refusal(tmp_path, "run", *words).startswith(said)


def test_a_wrong_value_is_named_by_its_option(tmp_path: Path) -> None:
    arguments = parse_arguments(["run", "github", "--year", "99", "--config", str(tmp_path / "config.toml")])
    (tmp_path / "config.toml").touch()
    wiring = wiring_for(arguments, environ={}, registry=Registry(SHIPPED))

    with pytest.raises(UsageError, match=r"^--year \(of github\): got 99, want a whole number from 1970 to 2098"):
        wiring.prepare("github")


def test_channel_files_are_named_as_they_are(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('link = "https://v.test/x"\ntarget_folder = "t"\n')

    sources, found = settings(tmp_path, "run", "videos", str(tmp_path / "b.toml"))

    assert sources == ["videos"]
    assert found.source("videos").own == {"channels_dir": str(tmp_path), "only": ["b.toml"]}


def test_channel_files_of_two_folders_are_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "run", "videos", str(tmp_path / "a.toml"), str(tmp_path / "other" / "b.toml"))

    assert said.startswith("videos: channel files of one folder at a time: ")
