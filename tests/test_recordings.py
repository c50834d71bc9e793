"""What the real APIs once answered, played back on loopback to the whole engine. Absent, the recordings are skipped."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from engine.model.snapshot import State
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.harvesting import harvest, rows

RECORDINGS = Path(__file__).parents[2] / "shared" / "recordings"
GITHUB = "https://api.github.com"
WIRE_ONLY = {"content-encoding", "transfer-encoding", "content-length", "connection", "server", "date", "status"}

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside this checkout")

Answer = tuple[int, list[tuple[str, str]], bytes]


def recorded(*names: str) -> Mapping[tuple[str, int], Answer]:
    """Return GitHub's recorded answers by path and page."""
    answers = {}
    for name in names:
        for exchange in msgspec.json.decode((RECORDINGS / "github" / f"{name}.json").read_bytes()):
            response, url = exchange["response"], urlsplit(exchange["request"]["url"])
            page = int(parse_qs(url.query).get("page", ["1"])[0])
            headers = [(key, value) for key, value in response["headers"] if key.lower() not in WIRE_ONLY]
            answers[url.path, page] = (response["status"], headers, response["body"].encode())
    return answers


@contextmanager
def replaying(answers: Mapping[tuple[str, int], Answer], asked: list[str]) -> Iterator[str]:
    """Serve answers; what was not recorded is an empty list. Links to GitHub lead back to the replaying server."""

    class Replay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            key = url.path, int(query.get("page", query.get("itemId", ["1"]))[0])
            status, headers, body = answers.get(key, (200, [], b"[]"))
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value.replace(GITHUB, base))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Replay) as server:
        server.daemon_threads = True
        server.block_on_close = False
        base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield base
        finally:
            server.shutdown()
            thread.join()


def github(base: str, **options: Any) -> GitHub:
    off = dict.fromkeys(("pulls", "issues", "comments", "commits", "reviews", "hygiene"), False)
    wanted: dict[str, Any] = {**off, **options}
    return GitHub(GitHubOptions(base_url=base, since=date(1970, 1, 1), **wanted))


def body(path: str, page: int, answers: Mapping[tuple[str, int], Answer]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(answers[path, page][2])
    return found


def test_recorded_repositories_land_as_recorded(tmp_path: Path) -> None:
    answers = recorded("Organization_repositories")
    with replaying(answers, []) as base:
        deck = harvest(github(base, orgs=("github3py",), forks=True), tmp_path / "h.db")

    wanted = {(repo["id"], repo["full_name"]) for repo in body("/orgs/github3py/repos", 1, answers)}
    assert deck.state is State.DONE
    assert set(rows(tmp_path / "h.db", "select id, full_name from github_repo")) == wanted


def test_recorded_issues_of_a_renamed_repository_land_over_both_pages(tmp_path: Path) -> None:
    answers, asked = recorded("Repository_issues_state_all"), list[str]()
    with replaying(answers, asked) as base:
        deck = harvest(github(base, repos=("sigmavirus24/betamax",), issues=True), tmp_path / "h.db")

    both = body("/repos/betamaxpy/betamax/issues", 1, answers) + body("/repositories/11439734/issues", 2, answers)
    wanted = {(11439734, issue["number"], issue["title"]) for issue in both if "pull_request" not in issue}
    assert deck.state is State.DONE
    assert set(rows(tmp_path / "h.db", "select repo_id, number, title from github_issue")) == wanted
    assert len(asked) == len(set(asked))


def test_recorded_commits_land_and_their_walk_ends(tmp_path: Path) -> None:
    answers = recorded("Repository_commits")
    with replaying(answers, []) as base:
        deck = harvest(github(base, repos=("sigmavirus24/github3.py",), commits=True), tmp_path / "h.db")

    wanted = {commit["sha"] for commit in body("/repos/sigmavirus24/github3.py/commits", 1, answers)}
    assert deck.state is State.DONE
    assert {row[0] for row in rows(tmp_path / "h.db", "select sha from github_git_commit")} == wanted


def test_recorded_items_land_with_their_tags_and_comments(tmp_path: Path) -> None:
    listing = (RECORDINGS / "pr0gramm" / "app-test__ItemsGetSFW.json").read_bytes()
    info = (RECORDINGS / "pr0gramm" / "app-test__ItemsInfo4.json").read_bytes()
    nothing = b'{"tags": [], "comments": []}'
    ended = listing.replace(b'"atEnd": false', b'"atEnd": true')
    items = msgspec.json.decode(listing)["items"]
    answers: dict[tuple[str, int], Answer] = {("/items/get", 1): (200, [], ended), ("/items/info", 4): (200, [], info)}
    answers |= {("/items/info", item["id"]): (200, [], nothing) for item in items if item["id"] != 4}
    with replaying(answers, []) as base:
        deck = harvest(Pr0gramm(Pr0grammOptions(base_url=base)), tmp_path / "h.db")

    details = msgspec.json.decode(info)
    assert deck.state is State.DONE
    assert {row[0] for row in rows(tmp_path / "h.db", "select id from pr0gramm_item")} == {item["id"] for item in items}
    assert set(rows(tmp_path / "h.db", "select id, item_id from pr0gramm_comment")) == {
        (comment["id"], 4) for comment in details["comments"]
    }
    assert {row[0] for row in rows(tmp_path / "h.db", "select tag_id from pr0gramm_item_tag where item_id = 4")} == {
        tag["id"] for tag in details["tags"]
    }
