"""The page of the log: what messages and resources came to, found by what it says; for administrators alone."""

import logging
from dataclasses import replace

import pytest

from adapters.journal.book import JournalBook
from adapters.journal.writing import JournalHandler
from engine.model.traffic import ChannelBinding
from engine.problems import DeliveryError, Incident
from engine.testing.office import BASE, Office
from engine.usecases.jobs import FORGET, keep_up
from engine.usecases.listening import Listening
from tests.engine.usecases.test_landing import Channel, sent_order
from tests.web.conftest import FILES

ACCESS = BASE["shared/user/access.yaml"].replace("boss: {read: [name]}", 'boss: {read: "*", create: true, edit: "*"}')


class Away:
    def receive(self, limit, wait):
        raise DeliveryError(Incident("back", "amqp://me:s3cret@mq is away, call 13800138000"))

    def close(self): ...


@pytest.fixture
def office(tmp_path):
    handler, logger = JournalHandler(tmp_path / "log"), logging.getLogger("guiju")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    channel = Channel()
    channel.fault = DeliveryError(Incident("out", "no route"))
    made = Office({**FILES, "shared/user/access.yaml": ACCESS}, channel=channel)
    channels = {**made.runtime.node.channels, "back": ChannelBinding("rabbitmq", "in")}
    node = replace(made.runtime.node, channels=channels)
    made.runtime = replace(made.runtime, logs=JournalBook(tmp_path / "log"), node=node, sources={"back": Away()})
    yield made
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_the_log_tells_what_messages_came_to_and_what_to_do(office, sign_in, tmp_path):
    sent_order(office)
    Listening("back", "here").step(office.runtime, 0)
    boss = sign_in("boss")
    page = boss.get("/admin/log").text
    assert "报文阻塞" in page
    assert "通道不通" in page
    assert "监听异常" in page
    assert "检查本地网络、端口和 RabbitMQ 服务" in page
    assert "MainThread" in page
    assert "s3cret" not in page
    assert "13800138000" not in page
    assert "监听异常" not in boss.get("/admin/log?text=blocked").text
    assert "没有这样的记录" in boss.get("/admin/log?thread=worker").text
    assert "没有这样的记录" in boss.get("/admin/log?level=error").text
    assert "没有这样的记录" in boss.get("/admin/log?to=2020-01-01").text
    assert "报文阻塞" in boss.get("/admin/log?from=2020-01-01").text
    found = boss.get("/admin/log?text=RabbitMQ 不通").text  # as people read it
    assert ("监听异常" in found, "报文阻塞" in found) == (True, False)
    assert "yesterday" in boss.get("/admin/log?from=yesterday").text
    assert sign_in("clerk").get("/admin/log").status_code == 404
    boss.client.set_cookie("language", "en")
    assert "RabbitMQ cannot be reached" in boss.get("/admin/log").text


def test_older_lines_are_on_the_next_page(office, sign_in):
    for number in range(150):
        logging.getLogger("guiju").info("line %s.", number)
    boss = sign_in("boss")
    page = boss.get("/admin/log?text=line").text
    assert "line 149." in page
    assert "line 49." not in page
    links = [part.partition('"')[0] for part in page.split('href="')]
    (older,) = [one for one in links if one.startswith("/admin/log?") and "older=" in one]
    after = boss.get(older.replace("&amp;", "&")).text
    assert "line 49." in after
    assert "line 50." not in after
    assert "更早的" not in after


def test_days_go_with_the_other_message_data(office, tmp_path):
    (tmp_path / "log").mkdir(exist_ok=True)
    (tmp_path / "log/2020-01-01.jsonl").write_text("")
    keep_up(office.runtime, type("Effect", (), {"payload": {"job": FORGET}}))
    assert not (tmp_path / "log/2020-01-01.jsonl").exists()
