"""Headers read with the server's clock in mind."""

import pytest

from engine.pacing.response.server_clock import HeaderReader

EPOCH = 1_700_000_000
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


def test_a_reset_on_the_servers_clock_becomes_a_time_of_ours() -> None:
    reader = HeaderReader(offset=EPOCH + 47.0)
    fields = {
        "date": DATE,
        "x-ratelimit-limit": "9",
        "x-ratelimit-remaining": "4",
        "x-ratelimit-reset": f"{EPOCH + 60}",
    }

    limits = reader.read(fields, sent_at=9.8, now=10.0)
    (reading,) = reader.readings(limits, 10.0, unnamed="core")

    assert reading.name == "core"
    assert reading.resets_at == pytest.approx(70.0)


def test_a_reset_in_the_past_stays_in_the_past() -> None:
    reader = HeaderReader()
    fields = {"date": DATE, "x-ratelimit-remaining": "4", "x-ratelimit-reset": f"{EPOCH - 5}"}

    limits = reader.read(fields, sent_at=9.8, now=10.0)

    assert reader.readings(limits, 10.0, unnamed="core")[0].resets_at == pytest.approx(5.0)


def test_a_reset_in_seconds_counts_from_the_answer() -> None:
    reader = HeaderReader()

    limits = reader.read({"ratelimit": '"daily";r=4;t=30'}, sent_at=9.8, now=10.0)

    (reading,) = reader.readings(limits, 10.0, unnamed="core")
    assert (reading.name, reading.resets_at) == ("daily", 40.0)


def test_a_time_to_come_back_at_is_read_on_the_servers_clock() -> None:
    reader = HeaderReader(offset=EPOCH - 10.0)

    advice = reader.read({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, sent_at=9.8, now=10.0)

    assert advice.retry_after == pytest.approx(30.0)
