"""Whatever a message holds, operators can look at it: no body breaks a page, none is interpreted, none takes long."""

from __future__ import annotations

from time import process_time

import admin
from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.usecases.taking_in import take_in
from engine.web import WebSettings, create_app
from tests.admin.test_operations import ACCOUNTS
from tests.engine.usecases.bad_messages import ALL, HEADS, SENDER, SLIPS, new
from tests.web.conftest import PASSWORD, Browser

FILES = {
    **SLIPS,
    "shared/user/access.yaml": ACCOUNTS,
    "desk/slip/access.yaml": "access: {clerk: {read: '*', create: true, events: '*'}, boss: {read: '*'}}",
}
_SECONDS = 2.0
"""Of a processor, for one page."""


def test_every_body_is_shown_and_given() -> None:
    office = Office(FILES, xml=LxmlMessages)
    set_password(office.runtime, office.people["boss"].id, PASSWORD)
    app = create_app(lambda: office.runtime, WebSettings("s" * 32), faces=[admin.blueprint])
    boss = Browser(app.test_client())
    boss.post("/login", {"login": "boss", "password": PASSWORD})
    arrived = [("in", Arrived(new(SENDER).encode(), "sender")), *(("in", one) for one in HEADS.values())]
    arrived += [(channel, Arrived(cases[name][0], name)) for channel, cases in ALL.items() for name in cases]
    wrong = []
    for channel, one in arrived:
        address = f"/admin/message/{take_in(office.runtime, channel, one)}"
        begun = process_time()
        page, file = boss.get(f"{address}?body=1"), boss.get(f"{address}/body")
        spent = process_time() - begun
        if (page.status_code, file.status_code, file.data == one.body) != (200, 200, True) or spent > _SECONDS:
            wrong.append((channel, one.key, page.status_code, file.status_code, spent))
    assert wrong == []
    for room in ("landed", "exceptions", "blocked"):
        assert boss.get(f"/admin/{room}").status_code == 200
