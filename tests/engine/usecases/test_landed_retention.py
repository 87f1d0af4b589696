"""Bodies of messages go to the archive when their time is over."""

from dataclasses import replace

import pytest

from engine.model.records import Effect
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import landed_acts
from engine.usecases.jobs import FORGET, keep_up
from engine.usecases.landed import LandedQuery, landed_about, landed_page
from engine.usecases.landed_bodies import read_body
from engine.usecases.landed_retention import purge_bodies
from engine.usecases.taking_in import take_in_many
from tests.engine.usecases.test_landing import Channel, one, sent_order


class Archive:
    """Parts in memory."""

    def __init__(self):
        self.kept = {}

    def keep(self, name, parts):
        self.kept[name] = dict(parts)

    def fetch(self, name, key):
        return self.kept[name][key]


@pytest.fixture
def office():
    made = Office(ORDER, channel=Channel())
    made.runtime = replace(made.runtime, archive=Archive(), message_days=30)
    return made


def test_what_ended_long_ago_is_archived_and_says_so(office):
    sent_order(office)
    clerk, found = office.people["clerk"], one(office)
    content = read_body(office.runtime, clerk, found.id)[1]
    take_in_many(office.runtime, "in", [Arrived(b"x", "K", "", {})])  # it waits: not at its end
    assert purge_bodies(office.runtime) == 0
    office.clock.move(days=31)
    keep_up(office.runtime, Effect("e", "upkeep", "k", office.clock.at, payload={"job": FORGET}))
    ((name, parts),) = office.runtime.archive.kept.items()
    assert parts == {found.id: content}
    view = landed_about(office.runtime, found.id)
    assert (view.archive, view.purged_at, view.size) == (name, office.clock.at, len(content))
    assert read_body(office.runtime, clerk, found.id)[1] == content
    assert landed_acts.resend(office.runtime, clerk, [found.id]) == 0
    assert purge_bodies(office.runtime) == 0
    office.runtime.archive.kept.clear()
    with pytest.raises(KeyError):
        read_body(office.runtime, clerk, found.id)


def test_without_an_archive_nothing_is_removed(office):
    sent_order(office)
    office.clock.move(days=400)
    assert purge_bodies(replace(office.runtime, archive=None)) == 0


def test_parts_are_not_endless(office, monkeypatch):
    monkeypatch.setattr("engine.usecases.landed_retention._LARGEST", 3)
    take_in_many(office.runtime, "in", [Arrived(b"xx%d" % n, f"K{n}", "", {}) for n in range(3)])
    ids = [view.id for view in _all(office)]
    landed_acts.discard(office.runtime, office.people["boss"], ids, "过期")
    office.clock.move(days=31)
    assert purge_bodies(office.runtime) == 3
    assert sorted(len(parts) for parts in office.runtime.archive.kept.values()) == [1, 1, 1]


def _all(office):
    return landed_page(office.runtime, LandedQuery()).messages
