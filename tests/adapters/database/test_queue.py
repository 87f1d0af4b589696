"""The queue in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database.engine import Backend
from adapters.database.queue import LEASE, DatabaseChannel, DatabaseQueues, DatabaseSource
from adapters.database.queue_topics import channel, source
from engine.model.traffic import Outgoing
from engine.problems import DeliveryError
from engine.testing.contracts.channels import (
    Delivered,
    PipelineContract,
    RememberingContract,
    SourceContract,
    taken,
)


class InDatabase:
    """Queues of an empty table in one of the two databases; `at` is the clock."""

    @pytest.fixture(autouse=True, params=["sqlite", "postgres"])
    def _queues(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
        postgres = request.param == "postgres"
        url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'q.db'}"
        self.at = 1_000.0
        self.queues = DatabaseQueues(Backend(url), now=lambda: self.at)
        _ = self.queues.statements  # the table stands
        with self.queues.backend.writer.begin() as connection:
            connection.execute(sa.text("delete from guiju_queue"))
        yield
        self.queues.backend.close()

    def channel(self) -> DatabaseChannel:
        return DatabaseChannel(self.queues, "out")

    def source(self) -> DatabaseSource:
        return DatabaseSource(self.queues, "out")

    def states(self) -> dict[str, int]:
        with self.queues.backend.reader.connect() as connection:
            rows = connection.execute(sa.text("select state, count(*) from guiju_queue group by state"))
            return {str(state): int(count) for state, count in rows}


class TestDatabaseChannel(InDatabase, PipelineContract, RememberingContract):
    def delivered(self) -> Sequence[Delivered]:
        source = self.source()
        found = source.receive(2_000, 0)
        source.accept([one.tag for one in found])
        return [Delivered(one.body, one.key, one.kind, one.headers) for one in found]

    def test_another_queue_has_its_own_messages(self) -> None:
        self.channel().send(b"", key="a", kind="", headers={})
        assert list(DatabaseSource(self.queues, "other").receive(5, 0)) == []

    def test_keys_are_remembered_for_a_time_after_they_were_accepted(self) -> None:
        for _ in range(2):
            self.channel().send(b"x", key="a", kind="", headers={})
            assert len(self.delivered()) <= 1
        assert self.states() == {"done": 1}
        self.at += 91 * 86_400
        self.source().receive(1, 0)
        assert self.states() == {}


class TestDatabaseSource(InDatabase, SourceContract):
    def put(self, *messages: Outgoing) -> None:
        assert list(self.channel().send_many(messages)) == [None] * len(messages)

    def aside(self) -> Sequence[bytes]:
        with self.queues.backend.reader.connect() as connection:
            rows = connection.execute(sa.text("select body from guiju_queue where state = 'aside'"))
            return [bytes(body) for (body,) in rows]

    def test_what_a_dead_taker_had_comes_again_after_its_lease(self) -> None:
        self.put(Outgoing(b"x", "a"))
        dead = self.opened()
        (first,) = taken(dead, 1)
        other = self.opened()
        assert list(other.receive(1, 0)) == []
        self.at += LEASE + 1
        (again,) = taken(other, 1)
        assert (again.redelivered, again.key) == (True, "a")
        with pytest.raises(DeliveryError):
            dead.accept([first.tag])
        other.accept([again.tag])


def test_a_database_that_is_away_is_an_incident(tmp_path: Path) -> None:
    (tmp_path / "q.db").mkdir()
    queues = DatabaseQueues(Backend(f"sqlite:///{tmp_path / 'q.db'}"))
    with pytest.raises(DeliveryError):
        DatabaseSource(queues, "q").receive(1, 0)
    assert DatabaseChannel(queues, "q").send_many([Outgoing(b"", "a")])[0] is not None


class TestLooking(InDatabase):
    def test_a_queue_tells_how_many_wait_and_nothing_is_taken(self) -> None:
        assert (self.channel().probe().waiting, self.source().probe().waiting) == (0, 0)
        self.channel().send(b"x", key="k", kind="", headers={})
        assert self.source().probe().waiting == 1
        assert self.states() == {"waiting": 1}


class TestTopics(InDatabase):
    def put(self, topic: str, *keys: str) -> list[bool]:
        messages = [Outgoing(key.encode(), key, headers={"topic": topic, "more": "1"}) for key in keys]
        return [one is None for one in channel(self.queues, "up.*").send_many(messages)]

    def test_each_topic_has_a_queue_of_its_own(self) -> None:
        assert self.put("A", "1", "2") == [True, True]
        assert self.put("B", "1") == [True]
        assert self.put("", "3") + self.put("A.B", "3") + self.put("*", "3") == [False] * 3
        assert [one.key for one in DatabaseSource(self.queues, "up.A").receive(5, 0)] == ["1", "2"]
        assert channel(self.queues, "up.*").probe().waiting == 3

    def test_a_message_is_of_the_topic_in_whose_queue_it_lies(self) -> None:
        DatabaseChannel(self.queues, "up.B").send(b"x", key="1", kind="", headers={"topic": "A"})
        DatabaseChannel(self.queues, "upper").send(b"x", key="1", kind="", headers={})
        found = source(self.queues, "up.*").receive(5, 0)
        assert [(one.key, one.headers["topic"]) for one in found] == [("1@B", "B")]

    def test_a_backlog_keeps_no_other_topic_waiting(self) -> None:
        self.put("A", *(str(number) for number in range(50)))
        self.put("B", "x")
        taken_ = source(self.queues, "up.*")
        found = taken_.receive(10, 0)
        assert [one.key for one in found if one.headers["topic"] == "B"] == ["x@B"]
        taken_.accept([one.tag for one in found])
        assert self.states() == {"done": 6, "waiting": 45}
