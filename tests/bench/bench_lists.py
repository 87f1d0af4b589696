"""Pages of a list a second through the REST door, against key paging written by hand, on SQLite and PostgreSQL.

Fifty claims of 2,000, newest first, with one filter, a capped count, the unit's rights on rows and the same columns as
JSON. Both sides are WSGI applications called in this process, in turn. Run it with `python tests/bench/bench_lists.py`.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.claims import CLAIM, KINDS, Caller, Node, claim, databases
from tests.bench.hand_written import HandWritten

BAR = 1 / 3
ROUNDS = 21
PAGES = 8
STORED = 2_000
LISTED = {
    **CLAIM,
    "desk/claim/pages.yaml": """pages:
  list:
    columns: [number, org, title, applicant, applicant_name, kind, urgent, starts]
    filters: [kind]
    sort: [-changed_at]
""",
}
QUERY = f"kind={KINDS[0]}"


class Row(NamedTuple):
    """Pages a second of ours and of the peer, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def fill(call: Caller, applicant: str) -> None:
    """Store the claims through the door itself."""
    for number in range(STORED):
        body = orjson.dumps({"values": claim(number, applicant, rows=2)})
        status, content = call("POST", "/api/v1/claim", body)
        assert status == 201, content


def page(call: Caller) -> Any:
    """One page, read."""
    status, content = call("GET", "/api/v1/claim", query=QUERY)
    assert status == 200, content
    return orjson.loads(content)


def rate(call: Caller) -> float:
    """Pages a second."""
    begin = time.perf_counter()
    for _ in range(PAGES):
        call("GET", "/api/v1/claim", query=QUERY)
    return PAGES / (time.perf_counter() - begin)


def agreed(mine: Any, theirs: Any) -> None:
    """Both pages say the same of as many claims."""
    assert len(mine["items"]) == len(theirs["items"]) == 50
    assert mine["items"][0].keys() == theirs["items"][0].keys()
    assert (mine["total"], mine["more"]) == (theirs["total"], theirs["more"])


def measure(kind: str, url: str, peer_url: str) -> Row:
    """Both sides on one kind of database."""
    node, peer = Node(url, LISTED), HandWritten(peer_url)
    mine, theirs = Caller(node.app, node.token), Caller(peer.app, peer.token)
    fill(mine, node.clerk.id)
    fill(theirs, peer.user)
    agreed(page(mine), page(theirs))
    rounds = [(rate(mine), rate(theirs)) for _ in range(ROUNDS)]
    node.store.close()
    peer.close()
    ratio = statistics.median(left / right for left, right in rounds)
    left, right = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Row(f"list page, {kind}", left, right, ratio, BAR)


def run() -> list[Row]:
    """Both databases."""
    with databases() as urls:
        return [measure(kind, urls[kind], urls[f"{kind} peer"]) for kind in ("sqlite", "postgres")]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_page_takes_three_times_as_long_at_most(kind: str) -> None:
    with databases() as urls:
        row = measure(kind, urls[kind], urls[f"{kind} peer"])
    assert row.ratio >= row.bar, row


if __name__ == "__main__":
    for row in run():
        speeds = f"{row.ours:,.0f}/s against {row.peer:,.0f}/s"
        sys.stdout.write(f"{row.name}: {speeds}, {row.ratio:.2f} x (bar {row.bar:.2f})\n")
