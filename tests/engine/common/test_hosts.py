"""Which hosts are this machine: secrets go there unencrypted, and no proxy is asked."""

import pytest

from engine.common.hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1"])
def test_an_address_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "127.example.org", "localhost.example.org", "0.0.0.0", "10.0.0.1", "::", "::2"])
def test_a_name_that_may_be_another_machine_is_not_this_one(host: str) -> None:
    assert not is_loopback(host)
