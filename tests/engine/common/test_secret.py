"""A secret shows itself to `reveal` and to nobody else."""

import copy
import pickle
import traceback

import pytest

from engine.common.secret import Secret


def test_reveal_gives_the_value() -> None:
    assert Secret("hunter2").reveal() == "hunter2"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, "{:>30}".format, "%s".__mod__, ascii])
def test_no_way_of_printing_shows_it(show: object) -> None:
    shown = show(Secret("hunter2"))  # type: ignore[operator]  # every entry is a function of one value

    assert "hunter2" not in shown
    assert "***" in shown


def test_a_container_does_not_show_it() -> None:
    assert "hunter2" not in repr({"headers": [("Authorization", Secret("hunter2"))]})


def test_a_dump_of_its_fields_does_not_show_it() -> None:
    secret = Secret("hunter2")

    fields = {name: getattr(secret, name) for name in Secret.__slots__}

    assert "hunter2" not in repr(fields)
    assert not hasattr(secret, "__dict__")


def test_a_traceback_with_locals_does_not_show_it() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(secret)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - what it says is what the test is about
        fail(Secret("hunter2"))
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)

    assert "hunter2" not in "".join(report.format()).replace('fail(Secret("hunter2"))', "")


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_never_leaves_the_process(leave: object) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        leave(Secret("hunter2"))  # type: ignore[operator]  # every entry is a function of one value
