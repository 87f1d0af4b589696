"""Many post at once, on SQLite and PostgreSQL: what may never hold never does, no entry is lost, balances are the sum
of entries. Threads share a store as those of one process do; processes have one each.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.bookkeeping import verify
from tests.adapters.database.conftest import emptied
from tests.adapters.database.toy_cipher import ToyCipher
from tests.engine.ledgers.stocks import ROOM

THREADS, PROCESSES = 4, 2
PLACES = ("A", "B", "C")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request, tmp_path_factory):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('ledgers')}/room.db"
    return emptied(request.getfixturevalue("postgres_url"))


def opened(url):
    store = DatabaseStore(url, cipher=ToyCipher(), connections=THREADS)
    return Office(ROOM, store=store, ids=TimeOrderedIds())


@pytest.fixture(scope="module")
def room(url):
    room = opened(url)
    yield room
    room.store.close()


def stored(room, item, lines):
    rows = [{"item": item, "place": place, "qty": qty} for place, qty in lines]
    record = room.raise_("clerk", "enter", "delivery", lines=rows).record_id
    room.raise_("clerk", "store", "delivery", record)
    return record


def attempted(room, act):
    """How many entries an act has come to; none where it was refused."""
    try:
        return act()
    except Refused as refused:
        if {finding.code for finding in refused.findings} <= {"stock", "short", "spent", "busy"}:
            return 0
        raise


def receive(room, item, place, qty):
    stored(room, item, [(place, qty)])
    return 1


def move(room, item, place, qty):
    delivery = stored(room, item, [(place, 1)])
    to = PLACES[(PLACES.index(place) + 1) % len(PLACES)]
    return 1 + attempted(room, lambda: moved(room, delivery, qty, to))


def moved(room, delivery, qty, to):
    room.raise_("clerk", "shift", "delivery", delivery, asked={"qty": qty, "to": to})
    return 2


def take(room, item, _place, qty):
    request = room.raise_("clerk", "enter", "wanted", item=item, qty=qty, person=item, amount=qty).record_id
    return attempted(room, lambda: held(room, request))


def held(room, request):
    room.raise_("clerk", "hold", "wanted", request)
    picks = len(room.values("wanted", request)["picks"])
    if int(request[-1], 16) % 2:
        room.raise_("clerk", "ship", "wanted", request)
        return 2 * picks
    return picks


ACTS = st.tuples(st.sampled_from([receive, move, take]), st.sampled_from(PLACES), st.integers(1, 9))


@settings(
    max_examples=8,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(ACTS, min_size=3, max_size=5), min_size=THREADS, max_size=THREADS))
def test_whoever_posts_at_once(room, plans):
    item = room.engine("item", {"name": "纸"})
    stored(room, item, [(place, 5) for place in PLACES])
    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(lambda plan: sum(act(room, item, *told) for act, *told in plan), plan) for plan in plans]
        entries = len(PLACES) + sum(one.result() for one in work)
    accounts = room.all("stock", item=item)
    assert all(account["total"] >= 0 and account["free"] >= 0 for account in accounts)
    assert all(account["held"] + account["used"] <= 100 for account in room.all("spent", person=item))
    assert len(room.all("stock.entries", item=item)) == entries
    assert list(verify(room.runtime, "stock")) == list(verify(room.runtime, "spent")) == []


def posting(url, item, number):
    """One process of its own: how many it was granted."""
    room = opened(url)
    try:
        granted = sum(bool(take(room, item, "", 1)) for _ in range(number))
    finally:
        room.store.close()
    return granted


def test_processes_share_what_there_is(tmp_path):
    """On SQLite, where threads of one process share a connection; on PostgreSQL each has its own as it is."""
    url = f"sqlite:///{tmp_path}/room.db"
    room = opened(url)
    item = room.engine("item", {"name": "笔"})
    stored(room, item, [("A", 10)])
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        granted = list(pool.map(posting, [url] * PROCESSES, [item] * PROCESSES, [8] * PROCESSES))
    assert sum(granted) == 10
    (account,) = room.all("stock", item=item)
    assert account["free"] == 0
    assert list(verify(room.runtime, "stock")) == []
    room.store.close()
