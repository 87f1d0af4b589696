"""Signatures a second, made and verified: each provider against its own library called directly, and two processes.

A message of 256 bytes, a key out of the key store on disk; the library is called the quickest way that it offers, its
key made ready: on a digest that is there already, gmssl on the message, whose digest takes it as long as ours. Seconds
are those of the processors that the processes took, so that whoever else uses the machine does not count; rounds are
interleaved, the best of each side counts. Two processes must reach 1.8 times what the bare library does in one.
Run it with `python tests/bench/bench_crypto.py`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.crypto.curve import public_of
from adapters.crypto.libraries import libraries
from adapters.crypto.room import CryptoFolder
from adapters.processes.pool import Processes
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import KeyKind, NewKey
from tests.bench.timed import timed

BAR, TWO = 0.9, 1.8
ROUNDS = 7
SECONDS = 0.15
BATCH = 4_000
SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
MESSAGE = bytes(range(256))
DIGEST = bytes(range(32))


class Row(NamedTuple):
    """One measurement: signatures a second of ours and of the bare library, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def bare(name: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """One signature by the library itself, and one verified."""
    public = public_of(SECRET)
    if name == "gmalglib":
        from gmalglib.sm2 import SM2

        key, reader = SM2(SECRET), SM2(pk=b"\x04" + public)
        raw = key.sign_digest(DIGEST)
        return partial(key.sign_digest, DIGEST), partial(reader.verify_digest, DIGEST, raw)
    if name == "gmssl-pyx":
        from gmssl_pyx import sm2_sign_sm3_digest, sm2_verify_sm3_digest

        der = sm2_sign_sm3_digest(SECRET, DIGEST)
        return partial(sm2_sign_sm3_digest, SECRET, DIGEST), partial(sm2_verify_sm3_digest, public, DIGEST, der)
    from gmssl.sm2 import CryptSM2

    slow = CryptSM2(SECRET.hex(), public.hex())
    signed = slow.sign_with_sm3(MESSAGE)
    return partial(slow.sign_with_sm3, MESSAGE), partial(slow.verify_with_sm3, signed, MESSAGE)


def rate(act: Callable[[], object]) -> float:
    """How often in a second of this process."""
    count, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        act()
        count += 1
    return count / spent


class Pool:
    """Two processes, and what they have taken of their processors."""

    def __init__(self) -> None:
        self.processes, self.spent = Processes(2, tasks=100_000), 0.0

    def run(self, task: Callable[..., list[bytes]], *arguments: Any) -> list[bytes]:
        found, spent = self.processes.run(timed, task, arguments)
        self.spent += spent
        return found

    def rate(self, act: Callable[[], object], worth: int) -> float:
        """Signatures a second when both have a processor: what all processes took, shared by two."""
        self.spent, begun = 0.0, time.process_time()
        act()
        return 2 * worth / (self.spent + time.process_time() - begun)


def measured() -> list[Row]:
    """Every provider in one process, and in two."""
    rows, pool = [], Pool()
    with tempfile.TemporaryDirectory() as folder:
        room = CryptoFolder(Path(folder), LxmlSignatures(), pool=(pool.run, 2))
        room.desk.take("bench", NewKey(KeyKind.SM2, SECRET))
        for name in libraries():
            provider, (peer, judge) = room.provider(name), bare(name)
            verify = partial(
                provider.sm2_verify, provider.public("bench"), MESSAGE, provider.sm2_sign("bench", MESSAGE)
            )
            messages = [MESSAGE] * (BATCH if name != "gmssl" else BATCH // 10)
            one, many = partial(provider.sm2_sign, "bench", MESSAGE), partial(provider.sm2_sign_many, "bench", messages)
            many()  # the processes begin
            rounds = [
                (rate(one), pool.rate(many, len(messages)), rate(peer), rate(verify), rate(judge))
                for _ in range(ROUNDS)
            ]  # fmt: skip
            ours, both, theirs, held, judged = (max(side) for side in zip(*rounds, strict=True))
            rows.append(Row(f"{name}: one process", ours, theirs, ours / theirs, BAR))
            rows.append(Row(f"{name}: verified", held, judged, held / judged, BAR))
            rows.append(Row(f"{name}: two processes", both, theirs, both / theirs, TWO))
    pool.processes.close()
    return rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return measured()


def test_a_provider_costs_little_beside_its_library(rows: list[Row]) -> None:
    assert [row for row in rows if row.bar == BAR and row.ratio < row.bar] == []


def test_two_processes_sign_nearly_twice_as_much(rows: list[Row]) -> None:
    assert [row for row in rows if row.bar == TWO and row.ratio < row.bar] == []


def main() -> int:
    """Print every measurement; 0 when all reach their bar."""
    rows = measured()
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} processors\n")
    for row in rows:
        sys.stdout.write(f"{row.name:26} {row.ours:9.0f} /s  bare {row.peer:9.0f} /s  {row.ratio:5.2f} of {row.bar}\n")
    return 0 if all(row.ratio >= row.bar for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
