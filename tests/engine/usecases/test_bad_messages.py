"""Bad input after it has landed: each message is named, keeps no other back, and costs little; on every store."""

from __future__ import annotations

from time import process_time

import pytest

from adapters.xml.documents import LxmlMessages
from engine.incidents import told
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.usecases.landed import landed_about
from engine.usecases.taking_in import take_in, take_in_many
from tests.engine.usecases.bad_messages import ALL, HEADS, SENDER, SLIPS, new

_SECONDS = 2.0
"""Of a processor, for one message: none of them is worth more."""


@pytest.fixture(scope="module")
def definitions():
    return SLIPS


@pytest.fixture
def place(store) -> Office:
    made = Office(SLIPS, store=store, xml=LxmlMessages)
    take_in(made.runtime, "in", Arrived(new(SENDER).encode(), "sender"))
    return made


def test_each_is_named_and_the_one_behind_it_goes_through(place: Office) -> None:
    wrong = {}
    for channel, cases in ALL.items():
        for number, (name, (content, expected)) in enumerate(cases.items()):
            begun = process_time()
            bad = landed_about(place.runtime, take_in(place.runtime, channel, Arrived(content, name)))
            spent = process_time() - begun
            good = Arrived(new(f"{channel}{number}").encode(), f"behind {name} {channel}")
            behind = landed_about(place.runtime, take_in(place.runtime, "in", good))
            found = bad.state, bad.code
            named = not bad.code or all(
                bad.text[one].startswith(told(bad.code).text[one]) and bad.repair[one] for one in ("zh", "en")
            )
            if found != expected or not named or spent > _SECONDS or behind.state != "processed":
                wrong[channel, name] = (*found, dict(bad.text), behind.state, spent)
    assert wrong == {}


@pytest.mark.parametrize("together", [True, False])
def test_heads_that_no_database_takes_keep_no_message_from_landing(place: Office, together: bool) -> None:
    arrived = list(HEADS.values())
    for some in [arrived] if together else [[one] for one in arrived]:
        take_in_many(place.runtime, "in", some)
        take_in_many(place.runtime, "in", some)  # the same again is known
    place.deliver()
    assert {str(one["ref"]) for one in place.all("slip")} == {"A", *(f"H{n + 1}" for n in range(len(HEADS)))}
