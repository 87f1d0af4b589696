"""Who signs and who agreed to it: asked in the browser, stopped and begun, a card pulled out and put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.commands.bearer import AtTerminal
from engine.model.crypto import KeyKind
from engine.testing.office import BASE, Office
from engine.usecases.configuring import kept, signing_of
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.landing_records import MESSAGE
from tests.engine.usecases.test_finishing import FILES

ACCESS = BASE["shared/user/access.yaml"].replace("boss: {read: [name]}", 'boss: {read: "*", create: true, edit: "*"}')
VALUES = FILES["desk/values/sending.yaml"].replace("SIGNED", "true")
PIN = "135790"


@pytest.fixture
def room(tmp_path: Path) -> CryptoFolder:
    made = CryptoFolder(tmp_path / "keys", LxmlSignatures(), consent=AtTerminal())
    made.desk.create("office", KeyKind.SM2)
    return made


@pytest.fixture
def office(room):
    carrier = FILES["desk/envelopes/carrier.yaml"] + "sign: {key: office}\n"
    files = {**FILES, "desk/values/sending.yaml": VALUES, "shared/user/access.yaml": ACCESS}
    place = Office({**files, "desk/envelopes/carrier.yaml": carrier}, xml=LxmlMessages)
    place.runtime = replace(place.runtime, crypto=lambda: room)
    return place


@pytest.fixture
def boss(sign_in):
    return sign_in("boss")


def take_effect(office):
    """What every process does each second."""
    choice = signing_of(kept(office.store))
    office.runtime.crypto().choose(choice.provider)
    office.runtime = replace(office.runtime, signing=choice)


def message(office):
    return landed_page(office.runtime, LandedQuery()).messages[0]


def say(boss, office, purpose, answer, **more):
    given = boss.post("/admin/security/consent", {"purpose": purpose, "answer": answer, **more})
    take_effect(office)
    return given


@pytest.mark.parametrize("purpose", ["business", "transport"])
def test_what_is_not_agreed_to_waits_and_leaves_once_it_is(office, boss, purpose):
    assert "是否同意客户端使用安全设备服务" in boss.get(f"/admin/security?ask={purpose}").text
    assert say(boss, office, purpose, "no").status_code == 303
    assert "已停签" in boss.get("/admin/security").text
    office.raise_("clerk", "enter", "paper", ref="AB")
    for _ in range(12):
        office.deliver()
        office.clock.move(hours=1)
    held = message(office)
    assert (held.state, held.code, office.sent.messages) == ("blocked", "MSG117", {})
    assert "传输安全" in held.repair["zh"]
    assert say(boss, office, purpose, "yes").status_code == 303
    office.deliver()
    assert (message(office).state, len(office.sent.messages)) == ("sent", 1)
    assert [one.action for one in office.store.audit(limit=20)].count("signing_agreed") == 1


def test_a_card_is_agreed_to_with_its_pin_pulled_out_and_put_back(office, room, boss, tmp_path):
    room.simulate("GJ-1", ["office"], PIN, "admin-135790")
    assert boss.post("/admin/security/provider", {"provider": "token"}).status_code == 303
    take_effect(office)
    page = boss.get("/admin/security?ask=business").text
    assert "卡 GJ-1 已插好，还可试 6 次" in page
    assert 'name="pin"' in page
    wrong = say(boss, office, "business", "yes", pin="000000")
    assert (wrong.status_code, "口令不对，还可试 5 次" in wrong.text, "000000" in wrong.text) == (422, True, False)
    office.raise_("clerk", "enter", "paper", ref="A1")
    office.deliver()
    assert (message(office).state, message(office).code) == ("blocked", "MSG108")  # nobody agreed yet
    assert say(boss, office, "business", "yes", pin=PIN).status_code == 303
    office.deliver()
    assert [one["state"] for one in office.all(MESSAGE)] == ["sent"]

    card, away = tmp_path / "keys/card.bin", tmp_path / "away.bin"
    card.rename(away)
    assert "没有插卡" in boss.get("/admin/security").text
    office.raise_("clerk", "enter", "paper", ref="A2")
    office.deliver()
    held = message(office)
    assert (held.state, held.code) == ("blocked", "MSG108")
    assert "重新插好" in held.repair["zh"]
    assert "没有插卡" in boss.post("/admin/security/try").text
    assert "没有插卡" in say(boss, office, "business", "yes", pin=PIN).text
    away.rename(card)
    office.clock.move(minutes=5)
    office.deliver()
    assert [one["state"] for one in office.all(MESSAGE)] == ["sent", "sent"]  # it goes on by itself
    office.clock.move(minutes=5)

    for left in (5, 4, 3, 2, 1):
        assert f"还可试 {left} 次" in say(boss, office, "transport", "yes", pin="111111").text
    assert "卡已锁定" in say(boss, office, "transport", "yes", pin="111111").text
    assert PIN.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "keys").glob("*.bin"))


def test_taking_both_back_takes_the_card_back(office, room, boss):
    room.simulate("GJ-1", ["office"], PIN, "admin-135790")
    boss.post("/admin/security/provider", {"provider": "token"})
    say(boss, office, "business", "yes", pin=PIN)
    assert room.card().agreed is True
    say(boss, office, "business", "no")
    assert room.card().agreed is True
    say(boss, office, "transport", "no")
    assert room.card().agreed is False


def test_a_card_that_is_out_at_the_start_lets_nobody_else_sign(office, room, tmp_path):
    room.simulate("GJ-1", ["office"], PIN, "admin-135790")
    (tmp_path / "keys/card.bin").unlink()
    other = CryptoFolder(tmp_path / "keys", LxmlSignatures(), chosen="token", consent=AtTerminal())
    assert other.provider().name == "token"


def test_keys_are_tried(office, room, boss, sign_in):
    answer = boss.post("/admin/security/try", headers={"HX-Request": "true"}).text
    assert ("<html" in answer, "能签能验" in answer, "office" in answer) == (False, True, True)
    (path,) = (room._folder / "signing").glob("office.key")
    path.unlink()
    fresh = CryptoFolder(room._folder, LxmlSignatures(), consent=AtTerminal())
    office.runtime = replace(office.runtime, crypto=lambda: fresh)
    assert "没有这把密钥" in boss.post("/admin/security/try").text
    assert office.store.audit(limit=1)[0].action == "signing_try"
    clerk = sign_in("clerk")
    for address in ("/admin/security/try", "/admin/security/consent", "/admin/security/provider"):
        assert clerk.post(address, {"purpose": "business", "answer": "no"}).status_code == 404
    assert clerk.get("/admin/security").status_code == 404


def test_strange_answers_are_refused(office, boss):
    assert boss.post("/admin/security/consent", {"purpose": "x", "answer": "yes"}).status_code == 400
    assert boss.post("/admin/security/consent", {"purpose": "business", "answer": "perhaps"}).status_code == 400
    assert boss.post("/admin/security/provider", {"provider": "nobody"}).status_code == 404
    assert boss.post("/admin/security/provider", {"provider": ""}).status_code == 303
    assert "security?ask=" in boss.get("/admin/security?ask=strange").text
