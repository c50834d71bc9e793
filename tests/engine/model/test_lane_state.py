"""Who sets a lane's concurrency limit, in words."""

from engine.model.lane_state import LimitMode, SetBy


def test_a_mode_reads_as_who_sets_the_limit_and_the_persons_number() -> None:
    modes = [LimitMode(), LimitMode(SetBy.PIN, 12), LimitMode(SetBy.CAP, 7)]

    assert [str(mode) for mode in modes] == ["auto", "pin 12", "cap 7"]
