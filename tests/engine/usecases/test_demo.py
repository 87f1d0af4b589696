"""Demo data: steps played once, at the moments they name, with a clear word where one cannot be played."""

from datetime import datetime

import pytest

from engine.console import speak
from engine.testing.memory import MemoryStore
from engine.usecases.demo import DemoError, folder_of, play, play_demo, read_steps
from engine.usecases.internal import storages

LINES = [{"item": "笔", "qty": 3, "price": "200"}]


@pytest.fixture(autouse=True)
def _english():
    speak("en")
    yield
    speak("zh")


@pytest.fixture
def runtime(office):
    return office.runtime


def enter(**more):
    return {"as": "clerk", "event": "enter", "on": "order", "with": {"name": "丙", "lines": LINES}, "name": "o", **more}


def test_steps_happen_at_their_moments(office, runtime):
    steps = [
        {"at": "=now - 40 * day"},
        enter(),
        {"at": "=now - 1 * day"},
        {"as": "clerk", "event": "submit", "on": "o"},
    ]
    assert play(runtime, steps) == 4
    (order,) = office.all("order", name="丙")
    assert (order["created_at"], order["changed_at"]) == (datetime(2026, 3, 27, 9), datetime(2026, 5, 5, 9))


def test_effects_wait_for_their_step(office, runtime):
    decisions = [{"as": who, "decide": "agree", "on": "o"} for who in ("leader", "second", "boss")]
    steps = [{"at": "=now - 50 * day"}, enter(), {"as": "clerk", "event": "submit", "on": "o"}, *decisions]
    play(runtime, steps)
    assert office.sent.messages == {}
    play(runtime, [{"deliver": True}])
    assert [kind for kind, _ in office.sent.messages.values()] == ["order_report"]
    office.deliver()
    assert office.all("order", name="丙")[0]["state"] == "expired"


def test_records_of_earlier_years_are_put_in_place(office, runtime):
    steps = [
        {"at": "=now - 90 * day"},
        {"as": "clerk", "given": {"old": {"order": {"name": "丁", "lines": LINES, "state": "approved"}}}},
        {"at": "=now"},
        enter(**{"with": {"name": "=old.name + '二'", "lines": LINES}}),
    ]
    assert play(runtime, steps) == 4
    (old,), (new,) = office.all("order", name="丁"), office.all("order", name="丁二")
    assert (old["state"], old["created_at"].date() < new["created_at"].date()) == ("approved", True)
    with pytest.raises(DemoError, match="no document type"):
        play(runtime, [{"given": {"x": {"nothing": {}}}}])


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"as": "clerk", "event": "submit", "on": "nothing"}, "'nothing' is neither"),
        (enter(**{"with": {"lines": LINES}}), "name"),
        ({"at": "=today"}, "`at` is no moment"),
        (enter(**{"with": {"name": "=unknown"}}), "EXP"),
    ],
)
def test_a_step_that_cannot_be_played_is_named(runtime, step, said):
    with pytest.raises(DemoError, match=r"^step 2 ") as caught:
        play(runtime, [enter(name="first"), step])
    assert said in str(caught.value)


def test_a_folder_is_played_once_and_only_into_an_empty_office(office, runtime, tmp_path):
    (tmp_path / "1.yaml").write_text("- {event: enter, on: org, with: {name: 甲}, name: a}\n", encoding="utf-8")
    (tmp_path / "2.yaml").write_text(
        "- {event: enter, on: user, with: {login: a, name: 甲, org: a}}\n", encoding="utf-8"
    )
    said = []
    assert play_demo(runtime, tmp_path, said.append) == 0
    store = MemoryStore()
    store.apply([*storages(), *(program.storage for program in runtime.force.programs.values())])
    object.__setattr__(runtime, "store", store)
    assert play_demo(runtime, tmp_path, said.append) == 2
    assert play_demo(runtime, tmp_path, said.append) == 0
    assert play_demo(runtime, tmp_path / "none", said.append) == 0
    assert len(said) == 1


def test_a_file_that_is_no_list_is_named(tmp_path):
    (tmp_path / "1.yaml").write_text("steps: []\n", encoding="utf-8")
    with pytest.raises(DemoError, match=r"1\.yaml is no list of steps"):
        list(read_steps(tmp_path))


def test_a_node_has_its_own_demonstration_or_that_of_all(tmp_path):
    own, shared = tmp_path / "demo" / "north", tmp_path / "demo"
    own.mkdir(parents=True)
    (own / "1.yaml").write_text("- {wait: 1 day}\n")
    (shared / "1.yaml").write_text("- {wait: 2 days}\n")
    assert folder_of(tmp_path, "north") == own
    assert folder_of(tmp_path, "south") == shared
    assert list(read_steps(folder_of(tmp_path, "north"))) == [{"wait": "1 day"}]
    assert list(read_steps(folder_of(tmp_path, "south"))) == [{"wait": "2 days"}], "folders of nodes are no part of it"
    (shared / "west").write_text("no folder")
    assert folder_of(tmp_path, "west") == shared
