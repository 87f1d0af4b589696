"""300 busy people at the pages of a real server: how long they wait, on SQLite and on PostgreSQL.

A closed loop of sessions that think one to three seconds between two requests: 60 % lists with filters, 25 % forms
opened, 10 % saved, 5 % documents looked at. `guiju run` serves the shipped definitions with demo data, an account for
each person and two forms for each; the load comes from a process of its own on the same machine, and its waiting
for a processor counts as waiting. Told beside the waiting is the server's processor time for each request, which does
not hang on what else the machine does. Run it with `guiju bench busy`, or `python tests/bench/bench_busy.py SECONDS`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from adapters.pdf.fonts import FontCache  # noqa: E402
from tests.bench.busy_office import furnish  # noqa: E402
from tests.bench.claims import databases  # noqa: E402

PEOPLE = 300
SECONDS = 40.0
WARM = 8.0
BAR = 800.0
"""Milliseconds within which 99 of 100 requests are answered."""
TICKS = os.sysconf("SC_CLK_TCK")


class Row(NamedTuple):
    """One kind of request: how many, and milliseconds of the middle, of 95 and of 99 in 100, and of the longest."""

    name: str
    count: int
    middle: float
    p95: float
    p99: float
    longest: float


class Busy(NamedTuple):
    """What was measured: rows by kind, all of them together, requests a second, faults, processor ms a request."""

    kinds: Sequence[Row]
    all: Row
    rate: float
    faults: Mapping[str, int]
    processor: float


def row(name: str, spent: Sequence[float]) -> Row:
    """The distribution of waiting times."""
    cuts = statistics.quantiles(spent, n=100) if len(spent) > 1 else [*spent] * 99
    return Row(name, len(spent), statistics.median(spent), cuts[94], cuts[98], max(spent))


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """`guiju run` on a free port: its address and process group; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("guiju")), "run", "--no-demo", "--port", str(port)]
    server = subprocess.Popen(  # noqa: S603 -- our own program
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _await(f"{address}/health", server)
        yield address, server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _await(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 90
    while True:
        try:
            urlopen(address, timeout=2).close()  # noqa: S310 -- our own server
        except OSError:
            if time.monotonic() > until or server.poll() is not None:
                raise
            time.sleep(0.2)
        else:
            return


def processor_seconds(group: int) -> float:
    """Processor time that the processes of a group have had so far."""
    spent = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def measure(url: str, people: int = PEOPLE, seconds: float = SECONDS) -> Busy:
    """Prepare an office in a database, serve it, and let people work."""
    with tempfile.TemporaryDirectory(prefix="guiju-busy-") as folder:
        environment = {"GUIJU_HOME": folder, "GUIJU_DATABASE": url, "GUIJU_DEFINITIONS": str(ROOT / "definitions")}
        persons = furnish(environment, people)
        FontCache(Path(folder, "fonts")).make()  # what an installation does once, in its first minute
        with served(environment) as (address, group):
            given = {"address": address, "people": persons, "warm": WARM, "seconds": seconds}
            load = subprocess.Popen(  # noqa: S603 -- our own program
                [sys.executable, str(Path(__file__).with_name("busy_load.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert load.stdin is not None
            assert load.stdout is not None
            load.stdin.write(json.dumps(given))
            load.stdin.close()
            load.stdout.readline()  # all are at work
            before = processor_seconds(group)
            told: list[Any] = json.loads(load.stdout.read())
            spent = processor_seconds(group) - before
            load.wait()
    return counted(told, seconds, spent * 1000 / max(1, len(told)))


def counted(told: Sequence[Any], seconds: float, processor: float) -> Busy:
    """Waiting times by kind; what was not answered as it should be is a fault."""
    by_kind: dict[str, list[float]] = {}
    faults: dict[str, int] = {}
    for what, spent, status in told:
        by_kind.setdefault(what, []).append(spent)
        if status not in (200, 303):
            faults[f"{what} {status}"] = faults.get(f"{what} {status}", 0) + 1
    kinds = [row(name, spent) for name, spent in sorted(by_kind.items())]
    everything = row("all", [spent for _, spent, _ in told])
    return Busy(kinds, everything, len(told) / seconds, faults, processor)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_300_busy_people_hardly_wait(kind: str) -> None:
    with databases() as urls:
        busy = measure(urls[kind])
    assert not busy.faults
    assert busy.all.p99 <= BAR, busy


def main(seconds: float, kinds: Sequence[str]) -> None:
    """Print a table for each kind of database."""
    for kind in kinds:
        with databases() as urls:
            busy = measure(urls[kind], seconds=seconds)
        load = "machine load " + " ".join(f"{one:.1f}" for one in os.getloadavg())
        head = f"{kind}: {PEOPLE} people, {busy.rate:.0f} requests/s, {busy.processor:.1f} ms processor each, {load}"
        lines = [head, f"{'ms':8}{'count':>8}{'middle':>9}{'p95':>9}{'p99':>9}{'longest':>9}"]
        lines += [
            f"{one.name:8}{one.count:8}{one.middle:9.0f}{one.p95:9.0f}{one.p99:9.0f}{one.longest:9.0f}"
            for one in (*busy.kinds, busy.all)
        ]
        sys.stdout.write(
            "\n".join([*lines, f"faults: {dict(busy.faults) or 'none'}; bar of p99: {BAR:.0f}", ""]) + "\n"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, sys.argv[2:] or ("sqlite", "postgres"))
