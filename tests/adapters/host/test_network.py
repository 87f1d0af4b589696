"""Whether there is a way to others: by the routes of the machine, nothing is sent."""

from adapters.host import network
from adapters.host.network import LinuxNetwork


def test_a_way_that_there_is_has_an_own_address(monkeypatch):
    monkeypatch.setattr(network, "FAR", ("127.0.0.1", 9))
    state = LinuxNetwork().state()
    assert (state.online, state.address) == (True, "127.0.0.1")


def test_without_a_route_there_is_no_network(monkeypatch):
    monkeypatch.setattr(network, "FAR", ("255.255.255.255", 9))  # refused to who may not speak to all
    assert not LinuxNetwork().state().online
