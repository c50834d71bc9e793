"""Whatever GitLab or git sends: rows that fit the database, paths that stay inside, or BadBody."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import BadBody
from engine.model.source import Memory, Page, Request
from sources.gitlab.clone import segment
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from tests.fuzzing import examples
from tests.sources.driver import STARTED, fixture, respond

MEMORY = Memory(started=STARTED)
SOURCE = GitLab(GitLabOptions(groups=("harbour",), clone=True, target="mirror", naming="name", rewrite_links=True))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["../../x", "/etc/passwd", "\x1b]52;c;x\x07", "ext::sh", "9999-12-31T23:59:59-23:59", "a/.git/b"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "group_id", "namespace", "kind", "path"]), inner)
    ),
    max_leaves=6,
)


def _check(request: Request, body: bytes, link: str = "") -> None:
    try:
        page: Page = SOURCE.parse(request, respond(body, link=link), MEMORY)
    except BadBody:
        return
    for record in page.records:
        for value in record.data.values():
            assert value is None or isinstance(value, str | float | int)
            assert not isinstance(value, int) or -(2**63) <= value < 2**63
    msgspec.json.encode(page.more)
    for each in page.more:
        assert each.url.startswith(("/", SOURCE.base_url + "/"))
        if each.via == "git":
            parts = each.json["folder"].split("/")
            assert not {"", ".", "..", ".git"} & set(parts)
            assert not each.json["folder"].startswith("/")


def _request(kind: str) -> Request:
    return Request(key="k", url="/groups/harbour/x", context={"kind": kind, "of": "harbour"})


@pytest.mark.parametrize(
    ("kind", "name"), [("projects", "projects"), ("groups", "descendants"), ("shared", "projects")]
)
@given(data=st.data())
@examples(80)
def test_any_value_in_any_field_is_survived(kind: str, name: str, data: st.DataObject) -> None:
    rows = msgspec.json.decode(fixture(f"gitlab/{name}.json"))
    field = data.draw(st.sampled_from(sorted(rows[0])))
    hostile: dict[str, Any] = rows[0] | {field: data.draw(JSON)}

    _check(_request(kind), msgspec.json.encode([hostile, *rows[1:]]))


@pytest.mark.parametrize("kind", ["projects", "groups", "shared", "owned", "all_projects", "group", "project"])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_body_is_survived(kind: str, body: bytes) -> None:
    _check(_request(kind), body)


@given(link=st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(lambda text: f'<{text}>; rel="next"'))
@examples(80)
def test_any_next_link_is_survived_and_leads_nowhere_else(link: str) -> None:
    _check(_request("projects"), b'[{"id": 1}]', link)


@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_answer_of_git_is_survived(body: bytes) -> None:
    job = {"project": 1, "folder": "a/b"}
    request = Request(key="git 1", url="/a.git", via="git", resource="git", json=job, context={"kind": "git", "id": 1})

    _check(request, body)


@given(name=st.text(max_size=400))
def test_any_name_becomes_one_part_of_a_path(name: str) -> None:
    made = segment(name)

    assert made
    assert made not in {".", ".."}
    assert not set(made) & set("/\\\0")
    assert len(made.encode()) <= 130


@given(value=st.text(max_size=40))
def test_any_cursor_is_survived(value: str) -> None:
    page = SOURCE.parse(_request("projects"), respond([{"id": 1}]), MEMORY)
    memory = Memory(started=STARTED, cursors=dict.fromkeys(page.cursors, value))

    assert len(list(SOURCE.seed(memory))) == 2
