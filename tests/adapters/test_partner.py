"""The partner to try against, over real HTTP and FTP: a node sends to it, and each of its answers leads to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from werkzeug.exceptions import NotFound

from adapters.as2.channel import As2Channel
from adapters.as2.cms import ends_of
from adapters.as2.door import Door, Gate
from adapters.as2.partner import Partner, forger
from adapters.as2.partner_room import FolderRoom, HttpRoom, Serving
from adapters.as2.relation import Relation
from adapters.http.channel import HttpPoster
from engine.model.records import Effect
from engine.model.traffic import ChannelBinding
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.landed import LandedQuery, LandedView, landed_page
from engine.usecases.listening import Listening
from tests.adapters.as3_side import THEM, US, Far
from tests.adapters.as3_side import relation as relation_3
from tests.adapters.certificates import pems
from tests.adapters.test_as2 import Quiet
from wiring import Landing


def relation(own: str = US, partner: str = THEM) -> Relation:
    return Relation(own, partner, ends_of(pems(own)[0], pems(partner)[1]))


class Node:
    """An office whose channel `out` sends by AS2, and whose door takes what comes."""

    def __init__(self) -> None:
        self.office = Office(ORDER)
        door = Door(NotFound(), lambda: [self.gate], Landing(lambda: self.office.runtime))
        self.server = make_server("127.0.0.1", 0, door, handler_class=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}/as2"
        self.gate = Gate("in", "/as2", relation())

    def sends_to(self, channel: Any, listens: Any = None) -> None:
        bound = {"out": ChannelBinding("as2", tries=2), "in": ChannelBinding("as2", "in")}
        sources = {} if listens is None else {"in": listens}
        here = replace(self.office.runtime.node, channels=bound)
        self.office.runtime = replace(self.office.runtime, node=here, channels={"out": channel}, sources=sources)

    def send(self, key: str, body: str = "<a/>") -> None:
        now = self.office.clock.now()
        with self.office.store.begin() as unit:
            effect = Effect(self.office.runtime.ids.new(), "send", key, now, payload={"channel": "out", "body": body})
            unit.put_effect(effect)
        self.office.deliver()

    def out(self, number: str) -> LandedView:
        (found,) = landed_page(self.office.runtime, LandedQuery(direction="out", number=number)).messages
        return found

    def came(self) -> list[LandedView]:
        return list(landed_page(self.office.runtime, LandedQuery(direction="in")).messages)


@pytest.fixture
def node() -> Iterator[Node]:
    import threading

    made = Node()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def partner(folder: Path, *answers: str) -> Partner:
    ours = relation(THEM, US)
    return Partner(ours, folder, answers, forger(ours, pems("stranger")[0]))


def posts(url: str, heads: Any, body: bytes) -> Any:
    poster = HttpPoster("partner", url)
    try:
        return poster.post(body, heads)
    finally:
        poster.close()


@pytest.fixture
def serving() -> Iterator[Callable[[HttpRoom], Serving]]:
    opened: list[Serving] = []

    def serve(room: HttpRoom) -> Serving:
        opened.append(Serving(room))
        return opened[-1]

    yield serve
    for one in opened:
        one.close()


def until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


AT_ONCE = {"good": "sent", "negative": "failed MSG102", "none": "failed MSG102", "wrong": "failed MSG102"}
AT_ONCE |= {"forged": "failed MSG102", "away": "blocked MSG113", "late": "sent"}
LATER = {"good": "sent", "negative": "failed MSG102", "none": "failed MSG115", "wrong": "failed MSG102"}
LATER |= {"forged": "failed MSG115", "away": "blocked MSG113", "late": "sent"}


@pytest.mark.parametrize("later", [False, True])
def test_each_answer_has_its_end(node: Node, tmp_path: Path, serving: Any, later: bool) -> None:
    expected = LATER if later else AT_ONCE
    room = HttpRoom(partner(tmp_path, *expected), posts, pause=0.1)
    poster = HttpPoster("out", f"http://127.0.0.1:{serving(room).port}/")
    node.sends_to(As2Channel("out", relation(), poster, receipts_to=node.url if later else "", within=60.0 * later))
    for answer in expected:
        node.send(answer, f"<{answer}/>")
        if later and answer in ("none", "forged", "late"):
            assert node.out(answer).state == "awaiting"
    if later:
        until(lambda: len(node.came()) == 5)
        node.office.deliver()
        aside = [one for one in node.came() if one.state == "quarantined"]
        assert [(one.code, "not the partner's" in one.text["zh"]) for one in aside] == [("MSG204", True)]
        assert node.out("none").state == "awaiting"
        node.office.clock.move(seconds=61)
        node.office.runtime = replace(node.office.runtime, channels={})
        node.office.deliver()
        expected = {**expected, "away": "failed MSG104"}
    found = {answer: node.out(answer) for answer in expected}
    assert {name: f"{one.state} {one.code}".strip() for name, one in found.items()} == expected
    assert len(list((tmp_path / "received").glob("*.msg"))) == 6
    poster.close()


def test_it_sends_files_and_is_answered_at_once_or_later(node: Node, tmp_path: Path, serving: Any) -> None:
    room = HttpRoom(partner(tmp_path), posts, to=node.url)
    server = serving(room)
    poster = HttpPoster("out", f"http://127.0.0.1:{server.port}/")
    node.sends_to(As2Channel("out", relation(), poster))
    (tmp_path / "send").mkdir()

    def said() -> list[str]:
        node.office.deliver()
        lines = tmp_path / "receipts.jsonl"
        return [json.loads(one)["said"] for one in lines.read_text().splitlines()] if lines.exists() else []

    for number, receipts_to in enumerate(("", f"http://127.0.0.1:{server.port}/", "http://elsewhere.example/"), 1):
        (tmp_path / "send" / f"{number}.xml").write_bytes(b"<a/>")
        room.receipts_to = receipts_to
        node.gate = replace(node.gate, later="out", origin=f"http://127.0.0.1:{server.port}")
        assert room.step() == 1
        until(lambda number=number: len(said()) == number)
    assert said()[:2] == ["taken", "taken"]
    assert "unexpected-processing-error" in said()[2]
    aside = [one for one in node.came() if "receipts are not sent there" in one.text["zh"]]
    assert (len(node.came()), len(aside)) == (3, 1)
    assert [one.state for one in landed_page(node.office.runtime, LandedQuery(direction="out")).messages] == ["sent"]
    assert room.step() == 0
    poster.close()


def test_by_files_each_answer_has_its_end_and_files_come_back(node: Node, tmp_path: Path) -> None:
    expected = {name: told for name, told in LATER.items() if name != "away"} | {"away": "failed MSG115"}
    far = Far(tmp_path / "ftp")
    theirs = relation_3(THEM, US)
    side = Partner(theirs, tmp_path, tuple(expected), forger(theirs, pems("stranger")[0]))
    room = FolderRoom(side, far.folder, pause=0.0)
    channel, source = far.channel(), far.turned(far.source())
    node.sends_to(channel, source)
    hearing = Listening("in", "test")
    for answer in expected:
        node.send(answer)
        assert node.out(answer).state == "awaiting"
        room.step()
        room.step()
    (tmp_path / "send").mkdir()
    (tmp_path / "send" / "1.xml").write_bytes(b"<back/>")
    room.step()
    until(lambda: hearing.step(node.office.runtime, 0.1) == 0.0 and len(node.came()) == 6)
    node.office.deliver()
    room.step()
    assert [json.loads(one)["said"] for one in (tmp_path / "receipts.jsonl").read_text().splitlines()] == ["taken"]
    node.office.clock.move(seconds=61)
    node.office.deliver()
    found = {answer: node.out(answer) for answer in expected}
    assert {name: f"{one.state} {one.code}".strip() for name, one in found.items()} == expected
    hearing.close()
    channel.close()
    far.server.close()
