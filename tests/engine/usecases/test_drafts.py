"""Drafts of forms: kept for one person, given back as they were, gone when the form is sent; and forms sent again."""

from datetime import timedelta

import pytest

from adapters.database.store import DatabaseStore
from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import drafts
from engine.usecases.events import raise_event
from engine.usecases.views import EventRequest
from tests.adapters.database.test_at_rest import everything
from tests.adapters.database.toy_cipher import ToyCipher


def begun(**keys):
    given = {"raw": {"name": "未完", "secret": "12345678"}, "key": "k1", "changed": ("name", "secret"), **keys}
    return EventRequest("order", "enter", **given)


def keep(office, request, who="clerk"):
    return drafts.keep(office.runtime, office.people[who], request)


def mine(office, who="clerk"):
    return drafts.mine(office.runtime, office.people[who])


def test_a_draft_comes_back_as_it_was_typed(office):
    rows = [{"item": "笔", "qty": "三"}, {"item": "", "qty": ""}]
    sent = begun(raw={"name": "未完", "lines": rows, "customer": ""})
    kept = keep(office, sent)
    found = drafts.opened(office.runtime, office.people["clerk"], kept.id)
    assert found.request.raw == sent.raw
    assert (found.request.key, found.request.changed) == ("k1", ("name", "secret"))
    assert (found.title.zh, found.event_title.zh, found.at) == ("订单", "保存", office.clock.now())


def test_one_form_has_one_draft_and_two_forms_have_two(office):
    keep(office, begun())
    office.clock.move(minutes=3)
    keep(office, begun(raw={"name": "后来"}))
    keep(office, begun(key="k2", raw={"name": "另一张"}))
    assert {one.label for one in mine(office)} == {"后来", "另一张"}
    offered = drafts.drafts_of(office.runtime, office.people["clerk"], "order", "enter")
    assert {one.request.key for one in offered} == {"k1", "k2"}
    assert drafts.drafts_of(office.runtime, office.people["clerk"], "order", "enter", "x") == ()


@pytest.mark.parametrize("version", [-1, 10**30])
def test_a_version_that_no_record_has_is_not_kept(office, entered, version):
    kept = keep(office, EventRequest("order", "submit", entered, version=version, key="k9"))
    assert kept.request.version is None


def test_a_draft_is_nobody_elses(office):
    kept = keep(office, begun())
    assert mine(office, "stranger") == ()
    for act in (drafts.opened, drafts.drop):
        with pytest.raises(Refused) as refused:
            act(office.runtime, office.people["stranger"], kept.id)
        assert refused.value.kind == "not_found"
    assert keep(office, begun(), "stranger").id != kept.id


def test_what_was_sent_or_given_up_is_gone(office, store):
    clerk = office.people["clerk"]
    kept = keep(office, begun())
    drafts.drop_sent(office.runtime, clerk, begun())
    assert mine(office) == ()
    with store.begin(write=False) as unit:
        assert unit.fetch("_draft", kept.id).values["content"] is None
    again = keep(office, begun())  # the same form, typed on
    drafts.drop(office.runtime, clerk, again.id)
    with pytest.raises(Refused):
        drafts.opened(office.runtime, clerk, again.id)
    drafts.drop_sent(office.runtime, clerk, begun(key="never kept"))


def test_a_draft_of_a_change_names_its_document_as_long_as_it_is_seen(office, entered):
    change = EventRequest("order", "drop", entered, version=1, asked={"reason": "错"}, key="k")
    keep(office, change)
    assert [(one.label, one.request.version, one.request.asked) for one in mine(office)] == [
        ("甲", 1, {"reason": "错"})
    ]
    office.raise_("clerk", "remove", "order", entered)
    assert mine(office) == ()


@pytest.mark.parametrize(
    "strange",
    [
        EventRequest("nothing", "enter", key="k"),
        EventRequest("order", "nothing", key="k"),
        EventRequest("order", "enter", key=""),
        EventRequest("order", "drop", key="k"),
        EventRequest("order", "drop", "f" * 32, key="k"),
    ],
)
def test_only_forms_that_there_are_have_drafts(office, strange):
    with pytest.raises(Refused) as refused:
        keep(office, strange)
    assert refused.value.kind == "not_found"


def test_whoever_may_not_create_keeps_nothing(office):
    with pytest.raises(Refused):
        keep(office, begun(), "leader")


def test_fields_that_there_are_not_and_passwords_stay_out(office):
    kept = keep(office, begun(raw={"name": "x", "nothing": "y", "lines": None}))
    assert kept.request.raw == {"name": "x"}
    accounts = office.runtime.definitions.documents["user"]
    creating = office.runtime.definitions.machines["user"].creating()[0]
    request = EventRequest("user", creating.name, raw={"login": "neu", "password": "geheim"}, key="k")
    assert "geheim" not in drafts._content(accounts, creating, request)


def test_too_much_is_refused(office, monkeypatch):
    monkeypatch.setattr(drafts, "LARGEST", 100)
    with pytest.raises(Refused) as refused:
        keep(office, begun(raw={"name": "长" * 100}))
    assert refused.value.findings[0].code == "draft_too_large"


def test_old_drafts_make_room(office, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 3)
    for number in range(5):
        office.clock.move(minutes=1)
        keep(office, begun(key=f"k{number}", raw={"name": str(number)}))
    assert [one.label for one in mine(office)] == ["4", "3", "2"]
    office.clock.move(days=drafts.KEPT / timedelta(days=1) + 1)
    keep(office, begun(key="new", raw={"name": "新"}))
    assert [one.label for one in mine(office)] == ["新"]


def test_a_draft_is_no_plain_text_in_the_database(tmp_path):
    url = f"sqlite:///{tmp_path}/office.db"
    store = DatabaseStore(url, cipher=ToyCipher())
    kept = keep(Office(ORDER, store=store), begun())
    store.close()
    held = everything(url)
    assert kept.id in held
    assert not any(text in held for text in ("12345678", "未完", "secret"))


# --- forms sent again --------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_answered_once(office):
    first, second = (raise_event(office.runtime, office.people["clerk"], begun()) for _ in range(2))
    assert first == second
    assert len(office.all("order")) == 1


def test_a_form_sent_again_with_other_values_is_refused(office):
    first = raise_event(office.runtime, office.people["clerk"], begun())
    with pytest.raises(Refused) as refused:
        raise_event(office.runtime, office.people["clerk"], begun(raw={"name": "改过"}))
    assert (refused.value.kind, refused.value.findings[0].code) == ("duplicate", "replayed")
    assert first.number in refused.value.findings[0].text["zh"]
    assert [one["name"] for one in office.all("order")] == ["未完"]


def test_a_change_sent_again_with_other_values_is_stale(office, entered):
    def change(name):
        request = EventRequest("order", "drop", entered, version=1, asked={"reason": name}, key="k")
        return raise_event(office.runtime, office.people["clerk"], request)

    assert change("错") == change("错")
    with pytest.raises(Refused) as refused:
        change("别的")
    assert refused.value.kind == "stale"
