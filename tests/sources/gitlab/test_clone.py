"""Folders for names that come from outside."""

import pytest

from sources.gitlab.clone import LONGEST, address, folder, segment
from sources.gitlab.options import GitLabOptions

OPTIONS = GitLabOptions(base_url="https://h.test/lab/api/v4", clone=True, target="t")


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("crane", "crane"),
        ("..", "_"),
        (".", "_"),
        ("", "_"),
        (" ", "_"),
        (".git", "_.git"),
        (".GIT ", "_.GIT"),
        ("git~1", "_git~1"),
        (".fetchdeck", "_.fetchdeck"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("a\0b\x1b[2J", "a_b_[2J"),
        ("a\\b", "a_b"),
        ("dot.", "dot"),
        ("-rf", "_-rf"),
        ("\u202egpj", "_gpj"),
        ("über 9.800円", "über 9.800円"),
    ],
)
def test_a_name_becomes_one_that_leads_nowhere(name: str, folded: str) -> None:
    assert segment(name) == folded


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    one, other = segment("x" * 300 + "1"), segment("x" * 300 + "2")

    assert len(one.encode()) <= LONGEST
    assert one != other


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("a/b/c", "a/b/c"),
        ("../../etc", "_/_/etc"),
        ("/etc/passwd", "_/etc/passwd"),
        ("a//b", "a/_/b"),
        ("..", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_project_has_a_place_below_the_target(path: object, place: str) -> None:
    assert folder({"path_with_namespace": path}, OPTIONS) == place


def test_names_may_take_the_place_of_paths_and_mirrors_end_in_git() -> None:
    project = {"path_with_namespace": "a/b", "name_with_namespace": "Alpha / Beta Gamma"}

    assert folder(project, GitLabOptions(naming="name")) == "Alpha/Beta Gamma"
    assert folder(project, GitLabOptions(update="mirror")) == "a/b.git"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://h.test/lab/a/b.git", "/a/b.git"),
        ("https://h.test/other/a/b.git", ""),
        ("https://evil.test/lab/a/b.git", ""),
        ("https://h.test@evil.test/lab/a/b.git", ""),
        ("https://h.test/lab/../../x.git", ""),
        ("ext::sh -c touch% /x", ""),
        ("https://h.test/lab/a b.git", ""),
        ("--upload-pack=x", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_addresses_of_the_instance_are_given_to_git(url: object, path: str) -> None:
    assert address({"http_url_to_repo": url}, OPTIONS) == (path, "")


def test_behind_a_port_forward_only_the_path_of_an_address_counts() -> None:
    options = GitLabOptions(base_url="http://127.0.0.1:8080/lab/api/v4", rewrite_links=True)

    assert address({"http_url_to_repo": "https://h.test/lab/a/b.git"}, options) == ("/a/b.git", "")


@pytest.mark.parametrize(
    ("ssh", "passes"),
    [
        ("git@h.test:a/b.git", True),
        ("ssh://git@h.test:2222/a/b.git", True),
        ("git@evil.test:a/b.git", False),
        ("-oProxyCommand=x", False),
        ("ssh://-oProxyCommand=x/a", False),
        ("git@h.test:a b", False),
    ],
)
def test_only_ssh_addresses_of_the_host_are_given_to_git(ssh: str, passes: bool) -> None:
    options = GitLabOptions(base_url="https://h.test/lab/api/v4", protocol="ssh")

    assert bool(address({"ssh_url_to_repo": ssh, "path_with_namespace": "a/b"}, options)[1]) is passes
