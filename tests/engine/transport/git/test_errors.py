"""What git's own words mean, and the environment it runs in."""

import pytest

from engine.common.errors import BadBody, ConnectFailed, Interrupted, RedirectRefused, TlsRefused
from engine.common.secret import Secret
from engine.model.source import Request
from engine.transport.git.command import environment
from engine.transport.git.errors import classify, describe
from engine.transport.git.job import job_of

MISSING = "remote: The project you were looking for could not be found.\nfatal: repository 'http://h/a.git/' not found"
FLAW = "error: object 4507ff6fcb33fbbbe6f8557c6ce4145a3264422d: hasDotgit: contains '.git'\n"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (MISSING, (404, "missing")),
        ("fatal: could not read Username for 'http://h': terminal prompts disabled", (403, "denied")),
        ("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'http://h/'", (403, "denied")),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", (403, "denied")),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", (403, "denied")),
        ("fatal: unable to access 'http://h/': The requested URL returned error: 429", (429, "failed")),
        ("fatal: unable to access 'http://h/': The requested URL returned error: 502", (502, "failed")),
        ("fatal: remote error: GitLab is currently unable to handle this request due to load.", (503, "failed")),
        ("fatal: write error: No space left on device", (507, "failed")),
        ("fatal: transport 'ext' not allowed", (422, "failed")),
        (f"{FLAW}fatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output", (422, "failed")),
        ("something nobody has seen", (422, "failed")),
    ],
)
def test_what_is_wrong_with_one_repository_is_a_status(said: str, meant: tuple[int, str]) -> None:
    assert classify(said, "git a/b") == meant


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("fatal: unable to access 'http://h/': Could not resolve host: h", ConnectFailed),
        ("fatal: unable to access 'http://h/': Failed to connect to h port 80: Connection refused", ConnectFailed),
        ("fatal: unable to access 'https://h/': SSL certificate problem: self-signed certificate", TlsRefused),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", Interrupted),
        ("fatal: unable to access 'http://h/': The requested URL returned error: 301", RedirectRefused),
    ],
)
def test_what_is_wrong_with_the_way_there_is_an_error(said: str, error: type[Exception]) -> None:
    meant = classify(said, "git a/b")

    assert isinstance(meant, error)
    assert "git a/b" in str(meant)


def test_the_line_that_tells_most_is_shown_clean() -> None:
    assert describe("Cloning into 'x'...\nfatal: no \x1b[31mway\n") == "fatal: no ␛[31mway"
    assert describe(f"{FLAW}fatal: fsck error") == "the repository is refused: hasDotgit: contains '.git'"
    assert describe("") == "git said nothing"
    assert len(describe("fatal: " + "x" * 1000)) <= 160


def test_the_environment_prompts_for_nothing_and_holds_the_token_for_one_origin_only() -> None:
    env = environment(
        {"PATH": "/bin", "GIT_TRACE": "1", "GITLAB_TOKEN": "glpat"},
        settings=[("core.hooksPath", "/hooks"), ("http.proxy", "http://p")],
        secret=("https://h", Secret("glpat")),
        allow_file=False,
    )

    pairs = [(env[f"GIT_CONFIG_KEY_{n}"], env[f"GIT_CONFIG_VALUE_{n}"]) for n in range(int(env["GIT_CONFIG_COUNT"]))]
    assert (env["GIT_TERMINAL_PROMPT"], env["GIT_ASKPASS"], env["GIT_ALLOW_PROTOCOL"]) == (
        "0",
        "true",
        "http:https:ssh",
    )
    assert not {"GIT_TRACE", "GITLAB_TOKEN"} & env.keys()
    assert dict(pairs)["core.hooksPath"] == "/dev/null"
    assert dict(pairs)["http.proxy"] == "http://p"
    assert pairs[-1] == ("http.https://h/.extraHeader", "Authorization: Basic b2F1dGgyOmdscGF0")
    assert "file" not in env["GIT_ALLOW_PROTOCOL"]


@pytest.mark.parametrize(
    "job",
    [None, {}, {"project": 0, "folder": "a"}, {"project": 1, "folder": "a", "ssh": "-oProxyCommand=x"}, {"how": "x"}],
)
def test_what_is_no_job_is_refused(job: object) -> None:
    with pytest.raises(BadBody):
        job_of(Request(key="git 1", url="/a.git", json=job))
