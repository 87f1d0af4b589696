"""Messages brought to a door: landed once, put aside once, and not taken while the channel is stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.traffic import Arrived, ChannelBinding
from engine.problems import DeliveryError
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import listeners
from engine.usecases.door_taking import put_aside, take_from_door
from engine.usecases.landed import LandedQuery, landed_page


@pytest.fixture
def office() -> Office:
    made = Office(ORDER)
    bound = {"in": ChannelBinding("as2", "in", most=10)}
    made.runtime = replace(made.runtime, node=replace(made.runtime.node, channels=bound))
    return made


def landed(office: Office) -> list[tuple[str, str]]:
    return sorted((one.state, one.code) for one in landed_page(office.runtime, LandedQuery()).messages)


def test_what_is_taken_lands_once_and_another_content_is_said_to_be_none(office: Office) -> None:
    said = [take_from_door(office.runtime, "in", Arrived(body, "k")) for body in (b"x", b"x", b"y", b"y")]
    assert said == ["", "", "MSG201", "MSG201"]
    assert take_from_door(office.runtime, "in", Arrived(b"x" * 11, "long")) == "MSG202"
    assert landed(office) == [("arrived", ""), ("quarantined", "MSG201"), ("quarantined", "MSG202")]


def test_what_is_not_trusted_is_put_aside_once(office: Office) -> None:
    for _ in range(2):
        put_aside(office.runtime, "in", Arrived(b"forged", "k"), "authentication-failed")
    put_aside(office.runtime, "in", Arrived(b"forged too", "k"), "authentication-failed")
    assert landed(office) == [("quarantined", "MSG204")] * 2
    assert take_from_door(office.runtime, "in", Arrived(b"forged", "k")) == ""


def test_a_stopped_channel_takes_nothing(office: Office) -> None:
    listeners.stop(office.runtime, office.people["clerk"], ["in"])
    for use in (take_from_door, lambda *told: put_aside(*told, "why")):
        with pytest.raises(DeliveryError):
            use(office.runtime, "in", Arrived(b"x", "k"))
    assert landed(office) == []
