"""Many prints as one file: in pieces, resumed where they stood, each passing the projection of whoever asked."""

from dataclasses import replace

import pytest

from engine.problems import DeliveryError, Incident, Refused
from engine.testing.office import Office, PlainPress
from engine.usecases import batches
from engine.usecases.accounts import actor_of
from engine.usecases.batches import batch_file, batch_view, my_batches, start_batch, start_bundle
from engine.usecases.pressing import press_next
from engine.usecases.prints import make_print, open_file
from tests.engine.usecases.paper_files import FILES, LINE


@pytest.fixture
def office(store):
    return Office(FILES, store=store)


@pytest.fixture
def orders(office):
    return [office.raise_("clerk", "enter", "order", name=f"单{n}", lines=[LINE]).record_id for n in range(23)]


@pytest.fixture
def clerk(office):
    return office.people["clerk"]


@pytest.fixture
def folder(office, orders):
    rows = [{"order": one} for one in [*orders[:12], None]]
    return office.raise_("clerk", "enter", "folder", members=rows).record_id


def finish(office):
    while press_next(office.runtime):
        pass


def test_a_selection_is_printed_in_pieces_and_joined_in_order(office, orders, clerk):
    batch = start_batch(office.runtime, clerk, "order", orders, ["slip"])
    assert (batch_view(office.runtime, clerk, batch).state, batch_view(office.runtime, clerk, batch).share) == (
        "printing",
        0,
    )
    assert press_next(office.runtime)
    assert batch_view(office.runtime, clerk, batch).done == 10
    finish(office)
    view = batch_view(office.runtime, clerk, batch)
    assert (view.state, view.total, view.done, view.share, view.left_out) == ("done", 23, 23, 100, ())
    file, content = batch_file(office.runtime, clerk, batch)
    text = content.read().decode()
    assert [text.index(f"单{n} ") for n in range(23)] == sorted(text.index(f"单{n} ") for n in range(23))
    assert "('订单 单22 DD20260023', 22)" in text
    assert file.name == "订单.pdf"
    assert len(office.all("_paper")) == 23
    assert [one.id for one in my_batches(office.runtime, clerk)] == [batch]


def test_a_batch_that_was_interrupted_goes_on_where_it_stood(office, orders, clerk):
    batch = start_batch(office.runtime, clerk, "order", orders, ["slip"])
    press_next(office.runtime)

    class Killed(PlainPress):
        def print_all(self, layouts):
            raise KeyboardInterrupt

    press, office.runtime = office.runtime.press, with_press(office, Killed())
    with pytest.raises(KeyboardInterrupt):
        press_next(office.runtime)
    calls = []

    class Counted(PlainPress):
        def print_all(self, layouts):
            calls.append(len(layouts))
            return press.print_all(layouts)

    office.runtime = with_press(office, Counted())
    finish(office)
    assert batch_view(office.runtime, clerk, batch).state == "printing"  # the killed one still holds its piece
    office.clock.move(seconds=91)
    finish(office)
    assert batch_view(office.runtime, clerk, batch).state == "done"
    assert sorted(calls) == [3, 10]  # nothing was printed twice


def test_a_piece_that_always_fails_ends_its_batch(office, orders, clerk):
    batch = start_batch(office.runtime, clerk, "order", orders[:3], ["slip"])

    class Broken(PlainPress):
        def print_all(self, layouts):
            raise RuntimeError("out of order")

    office.runtime = with_press(office, Broken())
    for _ in range(5):
        with pytest.raises(RuntimeError):
            press_next(office.runtime)
        office.clock.move(seconds=91)
    assert not press_next(office.runtime)
    assert batch_view(office.runtime, clerk, batch).state == "failed"


def test_what_cannot_be_printed_is_left_out_and_told(office, orders, clerk):
    class Picky(PlainPress):
        def print_all(self, layouts):
            if any("单2 " in one.html for one in layouts):
                raise DeliveryError(Incident("pdf", "no picture", retry=False))
            return super().print_all(layouts)

    office.runtime = with_press(office, Picky())
    batch = start_batch(office.runtime, clerk, "order", [*orders[:4], "0" * 32], ["slip"])
    finish(office)
    view = batch_view(office.runtime, clerk, batch)
    assert view.state == "done"
    assert len(view.left_out) == 2
    text = batch_file(office.runtime, clerk, batch)[1].read().decode()
    assert "单3" in text
    assert "单2 " not in text


def test_others_documents_are_left_out_as_if_they_were_not_there(office, orders):
    stranger = office.people["stranger"]
    own = office.raise_("stranger", "enter", "order", name="外", lines=[LINE]).record_id
    batch = start_batch(office.runtime, stranger, "order", [own, orders[0], "0" * 32], ["slip"])
    finish(office)
    view = batch_view(office.runtime, stranger, batch)
    assert len({text["zh"] for text in view.left_out}) == 1
    assert b"\xe5\x8d\x950" not in batch_file(office.runtime, stranger, batch)[1].read()


def test_a_batch_belongs_to_who_asked_for_it(office, orders, clerk):
    batch = start_batch(office.runtime, clerk, "order", orders[:1], ["slip"])
    finish(office)
    for ask in (batch_view, batch_file):
        with pytest.raises(Refused):
            ask(office.runtime, office.people["second"], batch)


def test_what_cannot_be_asked_for(office, orders, clerk, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 3)
    for document, ids, prints in [
        ("order", [], ["slip"]),
        ("order", orders[:4], ["slip"]),
        ("order", orders[:1], ["none"]),
        ("order", orders[:1], ["all"]),
        ("letter", orders[:1], []),
        ("nothing", orders[:1], []),
    ]:
        with pytest.raises(Refused):
            start_batch(office.runtime, clerk, document, ids, prints)
    assert office.all("_batch") == []


def test_the_same_request_is_one_batch(office, orders, clerk):
    ids = [start_batch(office.runtime, clerk, "order", orders, ["slip"], key="k") for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(office.all("_piece")) == 3


def test_an_event_prints_its_bundle_once_for_who_raised_it(office, folder, clerk):
    office.raise_("clerk", "pack", "folder", folder)
    office.deliver()
    (batch,) = my_batches(office.runtime, clerk)
    assert (batch.state, batch.total, batch.title) == ("done", 12, "全部 J001")
    (kept,) = office.all("_printed")
    assert (kept["document"], kept["print"], kept["file"]) == ("folder", "all", batch.file)
    assert open_file(office.runtime, clerk, "folder", folder, batch.file.hash)[1]


def test_a_bundle_is_given_again_to_who_sees_as_much_and_to_nobody_else(office, folder, clerk):
    first = start_bundle(office.runtime, clerk, "folder", folder, "all")
    finish(office)
    file = batch_view(office.runtime, clerk, first).file
    assert start_bundle(office.runtime, clerk, "folder", folder, "all") == file
    leader = office.people["leader"]  # sees masks
    with pytest.raises(Refused):
        open_file(office.runtime, leader, "folder", folder, file.hash)
    other = start_bundle(office.runtime, leader, "folder", folder, "all", again=True)
    finish(office)
    assert batch_view(office.runtime, leader, other).file != file


def test_a_bundle_in_the_making_is_not_begun_twice(office, folder, clerk):
    first = start_bundle(office.runtime, clerk, "folder", folder, "all")
    assert start_bundle(office.runtime, clerk, "folder", folder, "all") == first
    assert start_bundle(office.runtime, office.people["leader"], "folder", folder, "all") != first


def test_an_empty_bundle_is_refused_and_a_bundle_is_no_print_of_its_own(office, clerk):
    folder = office.raise_("clerk", "enter", "folder", members=[]).record_id
    with pytest.raises(Refused):
        start_bundle(office.runtime, clerk, "folder", folder, "all")
    with pytest.raises(Refused):
        make_print(office.runtime, clerk, "folder", folder, "all")


def test_nobody_gets_what_a_closed_account_had_asked_for(office, orders, clerk):
    start_batch(office.runtime, clerk, "order", orders[:1], ["slip"])

    with office.store.begin() as unit:
        record = unit.fetch("user", clerk.id)
        record.values.update(enabled=False, version=record.version + 1)
        unit.update(record, record.version - 1)
    assert actor_of(office.runtime, clerk.id) is None
    finish(office)
    assert [row["state"] for row in office.all("_piece")] == ["failed"]


def with_press(office, press):
    return replace(office.runtime, press=press)
