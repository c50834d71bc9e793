"""The suggestion after a mistyped name."""

from engine.common.text import nearest, suggestion


def test_a_mistyped_name_leads_to_the_nearest_one() -> None:
    assert nearest("gihub", ["github", "gitlab"]) == "github"


def test_case_does_not_matter() -> None:
    assert nearest("GITHUB", ["github"]) == "github"


def test_a_name_like_nothing_leads_nowhere() -> None:
    assert nearest("zzz", ["github"]) is None


def test_a_suggestion_names_the_nearest_and_all_there_are() -> None:
    assert suggestion("rnu", ["run", "demo"]) == 'did you mean "run"? There are: demo, run'


def test_a_suggestion_without_a_guess_names_all_there_are() -> None:
    assert suggestion("zzz", ["run", "demo"]) == "there are: demo, run"


def test_a_suggestion_says_when_there_is_nothing() -> None:
    assert suggestion("zzz", []) == "there are none"
