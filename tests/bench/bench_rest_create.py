"""Claims created a second through the REST door, against an endpoint written by hand, on SQLite and PostgreSQL.

Both sides are WSGI applications called in this process, in turn; both know the caller by a token and store the same
rows in one transaction: the claim, its five lines, a history row, an outbox row. SQLite writes every commit to the
disk, the PostgreSQL of the tests does not. Run it with `python tests/bench/bench_rest_create.py`.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.claims import Caller, Node, claim, databases
from tests.bench.hand_written import HandWritten

BAR = 0.5
ROUNDS = 41
CLAIMS = 20


class Row(NamedTuple):
    """Claims a second of ours and of the peer, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def rate(call: Caller, applicant: str) -> float:
    """Claims stored a second."""
    bodies = [orjson.dumps({"values": claim(number, applicant)}) for number in range(CLAIMS)]
    begin = time.perf_counter()
    answers = [call("POST", "/api/v1/claim", body) for body in bodies]
    spent = time.perf_counter() - begin
    assert {status for status, _ in answers} == {201}, answers[0]
    return CLAIMS / spent


def measure(kind: str, url: str, peer_url: str) -> Row:
    """Both sides on one kind of database; the first round of each warms it up."""
    node, peer = Node(url), HandWritten(peer_url)
    mine, theirs = Caller(node.app, node.token), Caller(peer.app, peer.token)
    rounds = [(rate(mine, node.clerk.id), rate(theirs, peer.user)) for _ in range(ROUNDS + 1)][1:]
    node.store.close()
    peer.close()
    ratio = statistics.median(left / right for left, right in rounds)
    left, right = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Row(f"REST create, {kind}", left, right, ratio, BAR)


def run() -> list[Row]:
    """Both databases."""
    with databases() as urls:
        return [measure(kind, urls[kind], urls[f"{kind} peer"]) for kind in ("sqlite", "postgres")]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_half_the_rate_of_hand_written_code(kind: str) -> None:
    with databases() as urls:
        row = measure(kind, urls[kind], urls[f"{kind} peer"])
    assert row.ratio >= row.bar, row


if __name__ == "__main__":
    for row in run():
        speeds = f"{row.ours:,.0f}/s against {row.peer:,.0f}/s"
        sys.stdout.write(f"{row.name}: {speeds}, {row.ratio:.2f} x (bar {row.bar:.2f})\n")
