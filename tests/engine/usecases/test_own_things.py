"""What belongs to one person: saved filters and notices."""

import pytest

from adapters.database.store import DatabaseStore
from engine.model.records import Effect
from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import inbox, listing, preferences, saved
from engine.usecases.deliver import _notify
from engine.usecases.views import ListRequest
from tests.adapters.database.test_at_rest import everything
from tests.adapters.database.toy_cipher import ToyCipher


def test_filters_are_kept_replaced_and_forgotten(office):
    clerk, boss = office.people["clerk"], office.people["boss"]
    first = saved.save_filter(office.runtime, clerk, "order", "草稿", "state=draft")
    saved.save_filter(office.runtime, clerk, "order", "草稿", "state=draft&sort=name")
    assert [(one.title, one.query) for one in saved.saved_filters(office.runtime, clerk, "order")] == [
        ("草稿", "state=draft&sort=name")
    ]
    assert saved.saved_filters(office.runtime, boss, "order") == ()
    with pytest.raises(Refused):
        saved.drop_filter(office.runtime, boss, first.id)
    saved.drop_filter(office.runtime, clerk, first.id)
    assert saved.saved_filters(office.runtime, clerk, "order") == ()


def test_what_a_filter_asks_for_is_no_plain_text_in_the_database(tmp_path):
    url = f"sqlite:///{tmp_path}/office.db"
    store = DatabaseStore(url, cipher=ToyCipher())
    office = Office(ORDER, store=store)
    kept = saved.save_filter(office.runtime, office.people["clerk"], "order", "证号", "f.secret=12345678")
    assert saved.saved_filters(office.runtime, office.people["clerk"], "order")[0].query == "f.secret=12345678"
    store.close()
    held = everything(url)
    assert kept.id in held
    assert "12345678" not in held


@pytest.mark.parametrize(("document", "title"), [("order", "  "), ("nothing", "x"), ("user", "")])
def test_filters_need_a_list_and_a_name(office, document, title):
    with pytest.raises(Refused):
        saved.save_filter(office.runtime, office.people["clerk"], document, title, "")


def test_nobody_keeps_endless_filters(office):
    for number in range(saved.MOST):
        saved.save_filter(office.runtime, office.people["clerk"], "order", str(number), "")
    with pytest.raises(Refused):
        saved.save_filter(office.runtime, office.people["clerk"], "order", "more", "")


def test_notices_are_told_once_and_read_by_their_recipient(office):
    clerk, boss = office.people["clerk"], office.people["boss"]
    effect = Effect(
        "1", "notify", "key", office.clock.at, "order", "x", {"via": "site", "to": clerk.id, "text": "到了"}
    )
    _notify(office.runtime, effect)
    _notify(office.runtime, effect)
    assert [notice.text for notice in inbox.my_notices(office.runtime, clerk)] == ["到了"]
    assert (inbox.unread(office.runtime, clerk), inbox.unread(office.runtime, boss)) == (1, 0)
    notice = inbox.my_notices(office.runtime, clerk)[0]
    with pytest.raises(Refused):
        inbox.note_read(office.runtime, boss, notice.id)
    inbox.note_read(office.runtime, clerk, notice.id)
    assert inbox.unread(office.runtime, clerk) == 0


def test_views_are_shared_with_roles_one_holds(office):
    clerk, stranger, leader = (office.people[who] for who in ("clerk", "stranger", "leader"))
    view = saved.save_filter(office.runtime, clerk, "order", "草稿", "f.state=draft", ["clerk"])
    (seen,) = saved.saved_filters(office.runtime, stranger, "order")
    assert (seen.title, seen.mine, view.mine) == ("草稿", False, True)
    assert saved.saved_filters(office.runtime, leader, "order") == ()
    for act in (
        lambda: saved.save_filter(office.runtime, clerk, "order", "x", "", ["leader"]),
        lambda: saved.change_filter(office.runtime, clerk, view.id, roles=["boss"]),
        lambda: saved.change_filter(office.runtime, stranger, view.id, title="mine"),
        lambda: saved.drop_filter(office.runtime, stranger, view.id),
    ):
        with pytest.raises(Refused):
            act()
    saved.change_filter(office.runtime, clerk, view.id, title="改名", roles=[])
    assert saved.saved_filters(office.runtime, stranger, "order") == ()
    assert [one.title for one in saved.saved_filters(office.runtime, clerk, "order")] == ["改名"]


def test_two_views_have_two_names(office):
    clerk = office.people["clerk"]
    saved.save_filter(office.runtime, clerk, "order", "甲", "")
    second = saved.save_filter(office.runtime, clerk, "order", "乙", "")
    for title in ("甲", " ", "a\nb"):
        with pytest.raises(Refused):
            saved.change_filter(office.runtime, clerk, second.id, title=title)
    assert saved.drop_filter(office.runtime, clerk, second.id) == "order"


def test_columns_widths_and_the_view_that_opens_are_one_persons_own(office):
    clerk, leader = office.people["clerk"], office.people["leader"]
    preferences.choose_columns(office.runtime, clerk, "order", ["total", "name", "name", "nothing", "password"])
    preferences.choose_width(office.runtime, clerk, "order", "name", 5)
    preferences.choose_width(office.runtime, clerk, "order", "total", 9999)
    preferences.choose_view(office.runtime, clerk, "order", "some")
    choice = preferences.list_choice(office.runtime, clerk, "order")
    assert (choice.columns, choice.view) == (("total", "name"), "some")
    assert choice.widths == {"name": preferences.NARROWEST, "total": preferences.WIDEST}
    assert preferences.list_choice(office.runtime, leader, "order") == preferences.ListChoice()
    preferences.choose_width(office.runtime, clerk, "order", "name", 0)
    preferences.choose_columns(office.runtime, clerk, "order", [])
    choice = preferences.list_choice(office.runtime, clerk, "order")
    assert (choice.columns, set(choice.widths)) == ((), {"total"})


def test_what_may_not_be_read_is_no_column(office):
    boss = office.people["boss"]
    preferences.choose_columns(office.runtime, boss, "order", ["secret", "name"])
    assert preferences.list_choice(office.runtime, boss, "order").columns == ("name",)
    view = listing.list_documents(office.runtime, boss, ListRequest("order", columns=("secret", "name")))
    assert [column.name for column in view.columns] == ["name"]
    assert "secret" not in {column.name for column in view.choices}
    for act in (
        lambda: preferences.choose_width(office.runtime, boss, "order", "secret", 100),
        lambda: preferences.choose_columns(office.runtime, boss, "nothing", ["x"]),
        lambda: preferences.choose_view(office.runtime, boss, "nothing", "x"),
    ):
        with pytest.raises(Refused):
            act()


def test_notices_come_in_pages_and_are_read_together(office):
    clerk, boss = office.people["clerk"], office.people["boss"]
    for number in range(5):
        office.clock.move(minutes=1)
        told = {"via": "site", "to": clerk.id, "text": f"第{number}件"}
        _notify(office.runtime, Effect(str(number), "notify", f"key{number}", office.clock.at, "order", "x", told))
    first = inbox.notices_page(office.runtime, clerk, limit=2)
    assert [one.text for one in first.notices] == ["第4件", "第3件"]
    second = inbox.notices_page(office.runtime, clerk, after=first.next, limit=2)
    assert [one.text for one in second.notices] == ["第2件", "第1件"]
    back = inbox.notices_page(office.runtime, clerk, after=second.previous, backwards=True, limit=2)
    assert [one.text for one in back.notices] == ["第4件", "第3件"]
    assert not back.previous
    inbox.note_read(office.runtime, clerk, first.notices[0].id)
    unread = inbox.notices_page(office.runtime, clerk, unread_only=True, limit=10)
    assert (len(unread.notices), unread.unread, unread.next) == (4, 4, "")
    assert (inbox.read_all(office.runtime, clerk), inbox.unread(office.runtime, clerk)) == (4, 0)
    assert inbox.notices_page(office.runtime, boss).notices == ()
    with pytest.raises(Refused):
        inbox.notices_page(office.runtime, clerk, after="forged")
