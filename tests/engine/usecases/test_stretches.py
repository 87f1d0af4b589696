"""Stretches of rows that a store finds are those that reading all of them would show."""

import pytest

from adapters.database.store import DatabaseStore
from engine.testing.flow_office import MAIN, FlowOffice
from engine.testing.memory import MemoryStore
from engine.usecases import touch_reading
from engine.usecases.flow_screens import screen_of
from tests.adapters.database.toy_cipher import ToyCipher

TABLES = {
    "as_they_come": "",
    "by_text": ", sort: code",
    "by_number": ", sort: [-weight, code]",
    "by_two": ", sort: [weight, -code]",
    "narrowed": ", where: weight > 3, sort: weight",
    "asked_for": ', where: "up.form.q == null or contains(code, up.form.q)", sort: code',
    "owned": ", sort: owner",
    "worked_out": ", sort: weight * 2",
}
STORE_FINDS = {"as_they_come", "by_text", "by_number", "by_two", "narrowed", "asked_for"}
SHOWING = "  showing:\n    screen:\n      - {search: q}\n" + "".join(
    f"      - {{table: item{told}, columns: [code, weight, owner]}}\n" for told in TABLES.values()
)
FILES = {
    "desk/flows/main.yaml": MAIN.replace("{put: 存放, out: 退出}", "{put: 存放, show: 一览, out: 退出}").replace(
        "on: {put: put, out: leave}", "on: {put: put, show: showing, out: leave}"
    )
    + SHOWING
    + "    buttons: {back: 返回}\n    on: {back: home}\n",
    "desk/item/document.yaml": "document: item\ntitle: 件\nlabel: code\nfields:\n  code: {title: 号码, type: text}\n"
    "  weight: {title: 重, type: decimal}\n  owner: {title: 人, type: text, mask: '1*1'}\n",
    "desk/item/access.yaml": "access:\n  clerk: {read: \"*\", mask: [owner], rows: code != 'I5'}\n",
}


@pytest.fixture(params=["memory", "sqlite"])
def kiosk(request, tmp_path):
    sqlite = request.param == "sqlite"
    store = DatabaseStore(f"sqlite:///{tmp_path}/a.db", cipher=ToyCipher()) if sqlite else MemoryStore()
    office = FlowOffice(FILES, store=store)
    for number in range(23):
        given = {"code": f"I{number * 7 % 23}", "owner": f"人{number * 5 % 23:02}"}
        office.engine("item", given if number % 6 == 4 else {**given, "weight": f"{number % 5}.5"})
    office.signed_in()
    office.press("show")
    yield office
    if sqlite:
        store.close()


def tables(kiosk, start=0):
    """The parts of the tables, beginning at a row, and which of them the store found."""
    told = []
    with pytest.MonkeyPatch.context() as patched:
        plain = touch_reading.stretch
        patched.setattr(touch_reading, "stretch", lambda *asked: told.append(plain(*asked)) or told[-1])
        paths = {one.path for one in screen_of(kiosk.runtime, kiosk.run.standing(), "zh").body}
        told.clear()
        body = screen_of(kiosk.runtime, kiosk.run.standing(), "zh", dict.fromkeys(paths, start)).body
    return [one.part for one in body[1:]], {name for name, found in zip(TABLES, told, strict=True) if found}


@pytest.mark.parametrize("start", [0, 5, 18, 40])
def test_a_store_finds_the_rows_that_reading_all_would_show(kiosk, monkeypatch, start):
    monkeypatch.setattr(touch_reading, "STRETCH", 5)
    found, by_store = tables(kiosk, start)
    monkeypatch.setattr(touch_reading, "stretch", lambda *_: None)
    assert by_store == STORE_FINDS
    assert found == tables(kiosk, start)[0]
