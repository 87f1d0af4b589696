"""What an operator sets is in force while the node runs, in the next process too, on a real broker."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import app
from adapters.queue_rabbitmq.channel import RabbitSource
from adapters.queue_rabbitmq.place import Place
from engine.commands.verbs import main
from engine.usecases.acting import ENGINE
from engine.usecases.configuring import proposed, reset_channel, set_channel
from engine.usecases.signing_settings import choose_provider, decline
from engine.usecases.trying import AWAY, THERE, try_channel
from tests.broker import Broker

NODE = "channels: {out: {adapter: file}, back: {adapter: file, direction: in}}\n"


@pytest.fixture
def settings(tmp_path: Path) -> app.Settings:
    folder = tmp_path / "definitions"
    folder.mkdir()
    told = {"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(folder)}
    first = app.Office(app.Settings.of(told))
    assert main(first, ["new", "system", "desk"]) == 0
    (path,) = folder.glob("nodes/*.yaml")
    path.write_text(path.read_text("utf-8") + NODE, "utf-8")
    return app.Settings.of({**told, "GUIJU_NODE": path.stem})


def test_a_channel_moves_to_a_broker_and_back_while_the_node_runs(settings: app.Settings, broker: Broker) -> None:
    office, queue, at = app.Office(settings), f"q{secrets.token_hex(6)}", urlsplit(broker.url)
    raw = {"adapter": "rabbitmq", "host": str(at.hostname), "port": str(at.port), "user": str(at.username)}
    raw = {**raw, "vhost": "/", "queue": queue, "declare": "true"}
    former = office.runtime().channels["out"]
    away = try_channel(office.runtime(), ENGINE, "out", proposed(office.runtime(), "out", {**raw, "password": "no"}))
    assert (away.state, "ACCESS_REFUSED" in away.detail) == (AWAY, True)
    raw["password"] = broker.about["password"]
    found = try_channel(office.runtime(), ENGINE, "out", proposed(office.runtime(), "out", raw))
    assert (found.state, found.probed, found.waiting) == (THERE, True, 0)

    set_channel(office.runtime(), ENGINE, "out", raw)
    assert office.runtime().channels["out"] is former
    office.refresh()
    kept = office.runtime().channels["out"]
    kept.send(b"<a/>", key="1", kind="k", headers={})
    office.refresh()
    assert office.runtime().channels["out"] is kept  # nothing was set since
    source = RabbitSource(Place("in", broker.url, queue))
    (arrived,) = source.receive(1, 5)
    source.accept([arrived.tag])
    source.close()
    assert arrived.body == b"<a/>"

    again = app.Office(settings)  # after a restart
    assert again.runtime().node.channels["out"].adapter == "rabbitmq"
    assert broker.about["password"] not in repr(again.runtime().node)
    assert broker.about["password"].encode() not in (settings.home / "guiju.db").read_bytes()
    reset_channel(again.runtime(), ENGINE, "out")
    again.refresh()
    office.refresh()
    assert office.runtime().node.channels["out"].adapter == "file"
    office.runtime().channels["out"].send(b"<b/>", key="2", kind="k", headers={})
    assert len(list((settings.home / "spool/out").glob("*.msg"))) == 1
    choose_provider(office.runtime(), ENGINE, "token")
    decline(office.runtime(), ENGINE, "transport")
    for one in (office, again):
        one.refresh()
        assert (one.runtime().signing.provider, one.runtime().signing.transport) == ("token", False)
        assert one.crypto().provider().name == "token"
    assert app.Office(settings).runtime().signing.provider == "token"
    for one in (office, again):
        one.database.close()
