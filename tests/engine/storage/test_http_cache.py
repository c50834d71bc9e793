import sqlite3
from contextlib import closing

from engine.model.source import Request
from engine.storage import http_cache, schema


def test_an_answer_comes_back_as_it_was_stored() -> None:
    answer = http_cache.Answer(
        validators=http_cache.Validators(etag='W/"1"', last_modified=None), link="<x>", body=b"[1]" * 100
    )
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)

        assert http_cache.validators(db, "k") is None
        assert http_cache.answer(db, "k") is None
        http_cache.store(db, "k", answer, 1.0)
        http_cache.store(db, "k", answer, 2.0)

        assert http_cache.answer(db, "k") == answer
        assert http_cache.validators(db, "k") == answer.validators


def test_validators_are_sent_as_they_came() -> None:
    both = http_cache.Validators(etag='W/"1"', last_modified="Mon, 20 Nov 2017 20:04:48 GMT")

    assert both.headers() == {"if-none-match": 'W/"1"', "if-modified-since": "Mon, 20 Nov 2017 20:04:48 GMT"}
    assert http_cache.Validators(etag=None, last_modified=None).headers() == {}


def test_an_answer_belongs_to_who_asked_and_to_all_that_was_asked() -> None:
    plain = Request(key="a", url="/a", params={"page": 1})

    keys = {
        http_cache.key("me", plain),
        http_cache.key("you", plain),
        http_cache.key("me", Request(key="a", url="/b", params={"page": 1})),
        http_cache.key("me", Request(key="a", url="/a", params={"page": 2})),
        http_cache.key("me", Request(key="a", url="/a", params={"page": 1}, method="POST")),
        http_cache.key("me", Request(key="a", url="/a", params={"page": 1}, headers={"x-after": "7"})),
    }

    assert len(keys) == 6
    assert http_cache.key("me", plain) == http_cache.key("me", Request(key="other", url="/a", params={"page": 1}))
