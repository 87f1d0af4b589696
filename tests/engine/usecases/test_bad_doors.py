"""Bad input through the real doors: a folder, a queue in the database, RabbitMQ, AS2, an offer over HTTP. Each message
lands, is named and answered, and the good ones between them go through."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from adapters.as2.cms import ends_of
from adapters.as2.door import Door, Gate
from adapters.as2.packing import packed
from adapters.as2.relation import Relation
from adapters.database.engine import Backend
from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from adapters.file_channel.channel import FileChannel
from adapters.file_channel.source import FileSource
from adapters.queue_rabbitmq.channel import RabbitChannel, RabbitSource
from adapters.queue_rabbitmq.place import Place
from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived, Outgoing
from engine.ports import Source
from engine.testing.office import Office
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.landing_records import MESSAGE
from engine.usecases.listening import Listening
from engine.usecases.taking_in import take_in
from engine.web import WebSettings, create_app
from tests.adapters.certificates import pems
from tests.engine.usecases.bad_messages import JSON, SENDER, SLIPS, XML, Case, new
from wiring import Landing

Put = Callable[[Sequence[Outgoing]], None]
OFFERS = {
    "desk/interfaces.yaml": SLIPS["desk/interfaces.yaml"]
    + """offers:
  slip:
    title: 单
    path: /slip
    public: true
    mapping: slip_new
    answer: {code: 0}
  rows:
    title: 行
    path: /rows
    public: true
    mapping: slip_rows
    answer: {code: 0}
"""
}


@pytest.fixture
def place() -> Office:
    made = Office(SLIPS | OFFERS, xml=LxmlMessages)
    take_in(made.runtime, "other", Arrived(new(SENDER).encode(), "sender"))
    return made


def folder(place: Office, request: pytest.FixtureRequest) -> tuple[Put, Source | None]:
    path: Path = request.getfixturevalue("tmp_path") / "in"
    channel = FileChannel(path)
    return _each(channel.send), FileSource(path, quiet=0)


def database(place: Office, request: pytest.FixtureRequest) -> tuple[Put, Source | None]:
    queues = DatabaseQueues(Backend(f"sqlite:///{request.getfixturevalue('tmp_path')}/queue.db"))
    request.addfinalizer(queues.backend.close)
    channel = DatabaseChannel(queues, "in")
    return lambda messages: _all_left(channel.send_many(messages)), DatabaseSource(queues, "in")


def rabbitmq(place: Office, request: pytest.FixtureRequest) -> tuple[Put, Source | None]:
    queue = Place("in", request.getfixturevalue("broker").url, f"q{secrets.token_hex(6)}")
    channel = RabbitChannel(queue)
    request.addfinalizer(channel.close)
    return lambda messages: _all_left(channel.send_many(messages)), RabbitSource(queue)


def as2(place: Office, request: pytest.FixtureRequest) -> tuple[Put, Source | None]:
    ends = {name: ends_of(pems(name)[0], pems(other)[1]) for name, other in (("us", "them"), ("them", "us"))}
    gate = Gate("in", "/as2", Relation("us", "them", ends["us"]))
    door = Door(lambda *_: [], lambda: [gate], Landing(lambda: place.runtime))

    def put(messages: Sequence[Outgoing]) -> None:
        for one in messages:
            sent = packed(Relation("them", "us", ends["them"]), one)
            heads = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in sent.heads.items()}
            about = {"PATH_INFO": "/as2", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(sent.body))}
            about |= {"CONTENT_TYPE": sent.heads["Content-Type"], "wsgi.input": BytesIO(sent.body)}  # type: ignore[dict-item]
            told: list[str] = []
            (answer,) = door({**heads, **about}, lambda status, _, told=told: told.append(status))
            assert (told, b"disposition-notification" in answer) == (["200 OK"], True)

    return put, None


def _each(send: Callable[..., None]) -> Put:
    def put(messages: Sequence[Outgoing]) -> None:
        for one in messages:
            send(one.body, key=one.key, kind=one.kind, headers=one.headers)

    return put


def _all_left(incidents: Sequence[object]) -> None:
    assert list(incidents) == [None] * len(incidents)


@pytest.mark.parametrize("door", [folder, database, rabbitmq, as2])
def test_whatever_comes_lands_and_keeps_nothing_back(
    door: Callable[..., tuple[Put, Source | None]], place: Office, request: pytest.FixtureRequest
) -> None:
    put, source = door(place, request)
    for number, (name, (content, _)) in enumerate(XML.items()):
        put([Outgoing(content, name), Outgoing(new(f"behind{number}").encode(), f"behind {name}")])
    put([Outgoing(new("twin").encode(), "twin"), Outgoing(new("Y").encode(), "twin2")])
    if source is not None:
        request.addfinalizer(source.close)
        _listen(place, source, 2 * len(XML) + 2)
    assert _left(place) == 2 * len(XML) + 2
    place.deliver()
    found = {view["key"]: (view["state"], view["code"]) for view in place.all(MESSAGE)}
    wrong = {name: found.get(name) for name, (_, expected) in XML.items() if found.get(name) != expected}
    behind = {name for name in XML if found.get(f"behind {name}") != ("processed", "")}
    assert (wrong, behind) == ({}, set())


def _listen(place: Office, source: Source, wanted: int) -> None:
    """Rounds until all is landed, each of which lands something."""
    place.runtime = replace(place.runtime, sources={"in": source})
    listening = Listening("in", "p1")
    while (before := _left(place)) < wanted:
        assert listening.step(place.runtime, 1.0) == 0.0
        assert _left(place) > before


def _left(place: Office) -> int:
    return len(place.all(MESSAGE, channel="in"))


@pytest.mark.parametrize(("path", "cases"), [("/slip", XML), ("/rows", JSON)])
def test_whatever_is_posted_to_an_offer_is_answered_and_kept(
    place: Office, path: str, cases: Mapping[str, Case]
) -> None:
    client = create_app(lambda: place.runtime, WebSettings("s" * 32)).test_client()
    wrong = {}
    for number, (name, (content, (state, _))) in enumerate(cases.items()):
        answer = client.post(path, data=content)
        good = b'{"rows":[{"no":"b%d"}]}' % number if path == "/rows" else new(f"b{number}").encode()
        behind = client.post(path, data=good).status_code
        is_another = b"c:Message" in content or b"s:Results" in content  # of another root than the offer's
        is_taken = state == "processed" and not is_another
        told = answer.json or {}
        if is_taken != (answer.status_code == 200) or not (is_taken or told.get("text")) or behind != 200:
            wrong[name] = answer.status_code, told, behind
    assert wrong == {}
    landed = landed_page(place.runtime, LandedQuery(channel=path[1:]), limit=200).messages
    assert len(landed) == 2 * len(cases)
    assert all(one.text["zh"] and one.text["en"] for one in landed if one.is_abnormal)
