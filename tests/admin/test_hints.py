"""What operators read of each event of the operations table, on the page where they look for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.traffic import ChannelBinding
from engine.problems import DeliveryError, Incident
from engine.testing.office import BASE, Office
from engine.usecases.landing_records import MESSAGE, SENDING, renewed
from engine.usecases.listening import Listening
from tests.admin.test_signing_settings import VALUES
from tests.engine.usecases.test_finishing import FILES as PAPERS
from tests.engine.usecases.test_landing import Channel, sent_order
from tests.web.conftest import FILES

ACCESS = BASE["shared/user/access.yaml"].replace("boss: {read: [name]}", 'boss: {read: "*", create: true, edit: "*"}')


class Away:
    def receive(self, limit, wait):
        raise DeliveryError(Incident("back", "no route"))

    def close(self): ...


@pytest.fixture
def channel():
    made = Channel()
    made.fault = DeliveryError(Incident("out", "no route"))
    return made


@pytest.fixture
def office(channel):
    return Office({**FILES, "shared/user/access.yaml": ACCESS}, channel=channel)


def bind(office, **channels):
    node = replace(office.runtime.node, channels={**office.runtime.node.channels, **channels})
    office.runtime = replace(office.runtime, node=node, sources={"back": Away()})


HINTS = {
    "rabbitmq": ("RabbitMQ 不通", "检查本地网络、端口和 RabbitMQ 服务"),
    "ibm_mq": ("IBM MQ", "检查本地网络、端口和 MQ 服务"),
    "as2": ("AS2 上行失败", "检查本地网络和端口"),
    "as3": ("AS3 下行失败", "检查本地网络和端口"),
}


@pytest.mark.parametrize("adapter", HINTS)
def test_a_service_that_is_away_is_told_with_its_own_hint(office, sign_in, adapter):
    bind(office, out=ChannelBinding(adapter), back=ChannelBinding(adapter, "in"))
    sent_order(office)
    Listening("back", "here").step(office.runtime, 0)
    boss = sign_in("boss")
    for address in ("/admin/blocked", "/admin/exceptions", "/admin/listening", "/admin/monitor"):
        page = boss.get(address).text
        assert all(text in page for text in HINTS[adapter]), address


def test_what_a_power_cut_left_under_way_is_told(office, sign_in, channel):
    channel.fault = None
    sent_order(office)
    office.clock.move(hours=1)
    with office.store.begin() as unit:
        (row,) = office.all(MESSAGE)
        record = unit.fetch(MESSAGE, row["id"])
        since = office.clock.now() - timedelta(minutes=30)
        unit.update(renewed(record, since, state=SENDING), record.version)
    page = sign_in("boss").get("/admin/monitor").text
    assert "处理中断过" in page
    assert "不间断电源" in page


def test_an_encryption_machine_that_is_away_is_told(tmp_path):
    """A real client, and a server that nobody runs."""
    keys = tmp_path / "keys"
    keys.mkdir()
    told = {"addresses": ["http://127.0.0.1:1"], "client": "desk", "secret": "00" * 32}
    (keys / "server.json").write_text(json.dumps(told))
    (keys / "server.json").chmod(0o600)
    room = CryptoFolder(keys, LxmlSignatures(), chosen="remote")
    files = {**PAPERS, "desk/values/sending.yaml": VALUES, "shared/user/access.yaml": ACCESS}
    place = Office(files, xml=LxmlMessages)
    place.runtime = replace(place.runtime, crypto=lambda: room)
    place.raise_("clerk", "enter", "paper", ref="AB")
    place.deliver()
    (message,) = place.all(MESSAGE)
    assert (message["state"], message["code"]) == ("blocked", "MSG109")
