"""What belongs to one person: saved filters and notices."""

import pytest

from engine.model.records import Effect
from engine.problems import Refused
from engine.usecases import inbox, saved
from engine.usecases.deliver import _notify


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
