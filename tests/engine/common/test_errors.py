"""What broke is said with its place, and without a word that could be a secret."""

import pytest

from engine.common.errors import StoreFailed, blame


def broken(error: Exception) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- whatever it is, it is what is looked at
        raise error
    return caught.value


def test_an_error_of_its_own_is_told_in_its_words() -> None:
    assert blame(StoreFailed("disk full")) == "disk full"


def test_of_any_other_only_kind_and_place_are_told() -> None:
    told = blame(broken(ValueError("Illegal header value b'Bearer s3cr3t'")))

    assert told.startswith("ValueError at test_errors.py:")
    assert "s3cr3t" not in told


def test_what_groups_of_errors_hold_is_found() -> None:
    inside = ExceptionGroup("tasks", [ExceptionGroup("tasks", [broken(KeyError("s3cr3t"))])])

    assert blame(inside).startswith("KeyError at test_errors.py:")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert blame(ZeroDivisionError("x")) == "ZeroDivisionError"
