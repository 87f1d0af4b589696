"""Two nodes of this engine talk: what passes is signed and sealed; what is wrong has its code and stops nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.usecases.landing_records import MESSAGE
from tests.engine.interfaces.two_nodes import Nodes, two_nodes


@pytest.fixture
def nodes(tmp_path: Path) -> Nodes:
    return two_nodes(tmp_path)


def landed(nodes: Nodes) -> list[tuple[str, str]]:
    return [(str(one["state"]), str(one["code"])) for one in nodes.receiver.all(MESSAGE, direction="in")]


def test_a_report_arrives_and_is_answered(nodes: Nodes) -> None:
    report = nodes.report()
    assert (report["state"], report["receipt"]) == ("taken", "S1")
    (taken,) = nodes.receiver.all("taken")
    assert (taken["paper"], taken["name"]) == ("E12345678", "王五")
    assert nodes.receiver.runtime.files.get(taken["raw"].hash) == nodes.wire.passed[0]  # type: ignore[attr-defined]
    (out,) = nodes.sender.all(MESSAGE, direction="out")
    assert (out["state"], out["channel"]) == ("sent", "put_in")
    assert landed(nodes) == [("processed", "")]
    assert "王五".encode() not in nodes.wire.passed[0] + nodes.wire.answers[0]
    assert b'"S1"' not in nodes.wire.passed[0]  # what is sealed has these two signs by chance now and then


def changed(body: bytes, *path: str, to: Any) -> bytes:
    tree = json.loads(body)
    inner = tree
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return json.dumps(tree).encode()


BENT: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "cut off": (lambda body: body[:-20], 1002),
    "no utf-8": (lambda body: body.replace(b'"b64"', '"中"'.encode("gb18030")), 1002),
    "no json": (lambda body: b"[]", 1002),
    "too large": (lambda body: body + b" " * 30_000, 1001),
    "no number": (lambda body: changed(body, "c", "reqid", to=""), 1002),
    "stale": (lambda body: changed(body, "c", "time", to="20260506084000"), 1102),
    "no time": (lambda body: changed(body, "c", "time", to="yesterday"), 1002),
    "unknown": (lambda body: changed(body, "c", "ei", to="X-9"), 1202),
    "altered": (lambda body: changed(body, "c", "sid", to="9"), 1201),
    "unsigned": (lambda body: changed(body, "s", "sig", to=None), 1002),
    "another key": (lambda body: changed(body, "s", "env", to="AAAA"), 1204),
    "no key": (lambda body: changed(body, "s", "env", to=None), 1204),
}


@pytest.mark.parametrize("how", BENT)
def test_what_is_wrong_has_its_code_and_stops_nothing(nodes: Nodes, how: str) -> None:
    bend, code = BENT[how]
    nodes.wire.bend = bend
    assert nodes.report()["state"] in ("sent", "failed")
    assert json.loads(nodes.wire.answers[0])["code"] == code
    assert landed(nodes)[0] == ("quarantined", "MSG210")
    assert nodes.receiver.all("taken") == []
    nodes.wire.bend = lambda body: body
    nodes.sender.clock.at += timedelta(minutes=1)
    nodes.receiver.clock.at += timedelta(minutes=1)
    assert nodes.report("S2")["state"] == "taken"


def test_the_same_bytes_again_are_a_replay_and_the_same_report_is_none(nodes: Nodes) -> None:
    nodes.report()
    assert nodes.post(nodes.wire.passed[0])["code"] == 1101
    nodes.receiver.clock.at += timedelta(minutes=11)
    assert nodes.post(nodes.wire.passed[0])["code"] == 1102
    assert len(nodes.receiver.all("taken")) == 1


def test_an_answer_that_was_lost_is_asked_for_again(nodes: Nodes) -> None:
    nodes.wire.bend_answer = lambda body: body[:-30]
    assert nodes.report()["state"] == "sent"
    nodes.wire.bend_answer = lambda body: body
    nodes.sender.clock.at += timedelta(minutes=1)
    nodes.receiver.clock.at += timedelta(minutes=1)
    nodes.sender.deliver()
    (report,) = nodes.sender.all("report")
    assert (report["state"], len(nodes.receiver.all("taken"))) == ("taken", 1)
    assert json.loads(nodes.wire.answers[1])["duplicate"] is True


def test_an_answer_of_somebody_else_is_none(nodes: Nodes) -> None:
    nodes.wire.bend_answer = lambda body: (
        changed(body, "code", to=0) if b'"code":0' not in body else changed(body, "desc", to="否")
    )
    assert nodes.report()["state"] == "sent"
    (out,) = nodes.sender.all(MESSAGE, direction="out")
    assert (out["state"], out["code"]) == ("blocked", "MSG101")


def test_nobody_there_is_tried_again_and_given_up_in_the_end(nodes: Nodes) -> None:
    nodes.wire.is_cut = True
    assert nodes.report()["state"] == "sent"
    nodes.sender.clock.at += timedelta(minutes=1)
    nodes.sender.deliver()
    (report,) = nodes.sender.all("report")
    assert report["state"] == "failed"


def test_a_banned_partner_is_turned_away(nodes: Nodes) -> None:
    (partner,) = nodes.receiver.all("partner")
    nodes.receiver.raise_("clerk", "ban", "partner", str(partner["id"]))
    assert nodes.report()["state"] == "failed"
    assert json.loads(nodes.wire.answers[0])["code"] == 1203
