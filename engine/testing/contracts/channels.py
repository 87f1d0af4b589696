"""The contracts of `Channel`, `Source` and `Notifier`: what each implementation must do, whatever it stands on.

A test derives from the class and says how to open the thing and how to see what came out at the far end. Knows no
adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.traffic import TRY, Arrived, Outgoing
from engine.ports import Channel, Notifier, Pipeline, Source


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message as the far end received it."""

    body: bytes
    key: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ChannelContract:
    """Derive, give `channel` and `delivered`; each test begins with an empty far end."""

    def channel(self) -> Channel:
        """Open the channel; called again in one test, it stands for the next process at the same place."""
        raise NotImplementedError

    def delivered(self) -> Sequence[Delivered]:
        """What came out so far, oldest first."""
        raise NotImplementedError

    def test_message_arrives_whole(self) -> None:
        body = bytes(range(256)) * 300
        self.channel().send(body, key="a-1", kind="report", headers={"topic": "出口", "empty": ""})
        assert self.delivered() == [Delivered(body, "a-1", "report", {"topic": "出口", "empty": ""})]

    def test_empty_body_is_a_message(self) -> None:
        self.channel().send(b"", key="a-1", kind="beat", headers={})
        assert self.delivered() == [Delivered(b"", "a-1", "beat")]

    def test_messages_keep_their_order(self) -> None:
        channel = self.channel()
        for number in range(20):
            channel.send(b"%d" % number, key=f"k{number}", kind="report", headers={})
        assert [message.body for message in self.delivered()] == [b"%d" % number for number in range(20)]

    def test_different_keys_with_the_same_body_are_two_messages(self) -> None:
        channel = self.channel()
        channel.send(b"same", key="a-1", kind="report", headers={})
        channel.send(b"same", key="a-2", kind="report", headers={})
        assert [message.key for message in self.delivered()] == ["a-1", "a-2"]

    def test_keys_may_hold_any_sign(self) -> None:
        keys = ["../../etc/passwd", "a/b", "a_b", "A_B", "钥匙|1", "x" * 500, "a b\n"]
        channel = self.channel()
        for key in keys:
            channel.send(key.encode(), key=key, kind="../up", headers={})
        assert [(message.key, message.body) for message in self.delivered()] == [(key, key.encode()) for key in keys]

    def test_messages_of_megabytes_arrive(self) -> None:
        body = bytes(range(256)) * 16_384
        self.channel().send(body, key="a-1", kind="report", headers={})
        assert [message.body == body for message in self.delivered()] == [True]


class RememberingContract(ChannelContract):
    """For channels that know what they sent: each key leaves once, and once more for each deliberate repetition."""

    def test_same_key_is_delivered_once(self) -> None:
        channel = self.channel()
        for _ in range(3):
            channel.send(b"first", key="a-1", kind="report", headers={})
        channel.send(b"other", key="a-1", kind="report", headers={})
        assert [message.body for message in self.delivered()] == [b"first"]

    def test_same_key_is_delivered_once_across_processes(self) -> None:
        self.channel().send(b"first", key="a-1", kind="report", headers={})
        self.channel().send(b"first", key="a-1", kind="report", headers={})
        assert len(self.delivered()) == 1

    def test_a_deliberate_repetition_is_delivered(self) -> None:
        for headers in ({}, {TRY: "1"}, {TRY: "1"}, {TRY: "2"}):
            self.channel().send(b"same", key="a-1", kind="report", headers=headers)
        assert [message.headers.get(TRY) for message in self.delivered()] == [None, "1", "2"]


class PipelineContract(ChannelContract):
    """For channels that send many at a time."""

    def pipeline(self) -> Pipeline:
        """The channel, as one that sends many."""
        channel = self.channel()
        assert isinstance(channel, Pipeline)
        return channel

    def test_many_arrive_in_order(self) -> None:
        messages = [Outgoing(b"%d" % number, f"k{number}", "report") for number in range(1_000)]
        assert list(self.pipeline().send_many(messages)) == [None] * 1_000
        assert [message.body for message in self.delivered()] == [message.body for message in messages]

    def test_none_at_all_is_well(self) -> None:
        assert list(self.pipeline().send_many([])) == []


class SourceContract:
    """Derive, give `source`, `put` and `aside`; each test begins with nothing there."""

    def source(self) -> Source:
        """Open the source; called again in one test, it stands for another process at the same place."""
        raise NotImplementedError

    def put(self, *messages: Outgoing) -> None:
        """Let messages lie there, as the far side would."""
        raise NotImplementedError

    def aside(self) -> Sequence[bytes]:
        """Bodies of what was refused for good."""
        raise NotImplementedError

    def opened(self) -> Source:
        """A source that is closed when the test is over."""
        found = self.source()
        self._opened.append(found)
        return found

    def setup_method(self) -> None:
        """Nothing is open before a test."""
        self._opened: list[Source] = []

    def teardown_method(self) -> None:
        """Nothing stays open after it."""
        for one in self._opened:
            one.close()

    def test_message_comes_whole(self) -> None:
        body = bytes(range(256)) * 300
        self.put(Outgoing(body, "钥匙-1", "report", {"topic": "出口", "empty": ""}))
        (found,) = taken(self.opened(), 1)
        assert (found.body, found.key, found.kind) == (body, "钥匙-1", "report")
        assert (found.headers["topic"], found.headers["empty"]) == ("出口", "")

    def test_nothing_there_is_told_after_the_wait(self) -> None:
        assert list(self.opened().receive(10, 0.05)) == []

    def test_messages_come_in_order_and_no_more_than_asked_for(self) -> None:
        self.put(*(Outgoing(b"%d" % number, f"k{number}") for number in range(7)))
        source = self.opened()
        first = taken(source, 3, 3)
        rest = taken(source, 4)
        assert [one.body for one in (*first, *rest)] == [b"%d" % number for number in range(7)]
        assert list(source.receive(10, 0.05)) == []

    def test_accepted_ones_never_come_again(self) -> None:
        self.put(*(Outgoing(b"%d" % number, f"k{number}") for number in range(4)))
        source = self.opened()
        found = taken(source, 4)
        source.accept([found[0].tag, found[1].tag, found[3].tag])
        source.close()
        assert [one.body for one in taken(self.opened(), 1)] == [b"2"]

    def test_what_was_not_accepted_comes_again(self) -> None:
        self.put(Outgoing(b"x", "a"), Outgoing(b"y", "b"))
        source = self.opened()
        taken(source, 2)
        source.close()
        again = self.opened()
        assert sorted(one.key for one in taken(again, 2)) == ["a", "b"]
        again.close()
        assert sorted(one.key for one in taken(source, 2)) == ["a", "b"]

    def test_two_share_what_is_there(self) -> None:
        self.put(*(Outgoing(b"", f"k{number}") for number in range(10)))
        one, other = self.opened(), self.opened()
        found = [*one.receive(5, 0.3), *other.receive(10, 0.3)]
        while len(found) < 10:
            found += [*one.receive(10, 0.2), *other.receive(10, 0.2)]
        assert sorted(message.key for message in found) == sorted(f"k{number}" for number in range(10))
        one.close()
        other.close()

    def test_refused_ones_come_again_or_stand_aside(self) -> None:
        self.put(Outgoing(b"bad", "a"), Outgoing(b"later", "b"))
        source = self.opened()
        bad, later = taken(source, 2)
        source.refuse(bad.tag, again=False)
        source.refuse(later.tag, again=True)
        (again,) = taken(source, 1)
        assert again.body == b"later"
        source.accept([again.tag])
        source.close()
        assert list(self.opened().receive(10, 0.05)) == []
        assert list(self.aside()) == [b"bad"]

    def test_keys_may_hold_any_sign(self) -> None:
        keys = ["../../etc/passwd", "a/b", "a_b", "A_B", "钥匙|1", "x" * 500, "a b\n"]
        self.put(*(Outgoing(key.encode(), key, "../up") for key in keys))
        assert [(one.key, one.body) for one in taken(self.opened(), len(keys))] == [(key, key.encode()) for key in keys]

    def test_messages_of_megabytes_come(self) -> None:
        body = bytes(range(256)) * 16_384
        self.put(Outgoing(body, "large"))
        (found,) = taken(self.opened(), 1)
        assert found.body == body


def taken(source: Source, count: int, limit: int = 100) -> list[Arrived]:
    """So many messages of a source, however it deals them out."""
    found: list[Arrived] = []
    for _ in range(200):
        found += source.receive(min(limit, count - len(found)), 0.2)
        if len(found) >= count:
            break
    assert len(found) == count
    return found


class NotifierContract:
    """Derive, give `notifier` and `received`; each test begins with nothing received."""

    def notifier(self) -> Notifier:
        """Open the notifier; called again in one test, it stands for the next process at the same place."""
        raise NotImplementedError

    def received(self) -> Sequence[tuple[str, str]]:
        """Receiver and text of what came out so far, oldest first."""
        raise NotImplementedError

    def test_text_arrives_as_written(self) -> None:
        text = "张三的证件已逾期3天。\n请尽快交回 <办公室> & “柜台”"
        self.notifier().send("13800000000", text, "n-1")
        assert self.received() == [("13800000000", text)]

    def test_same_key_is_told_once_across_processes(self) -> None:
        self.notifier().send("13800000000", "甲", "n-1")
        self.notifier().send("13800000000", "甲", "n-1")
        self.notifier().send("13800000000", "甲", "n-2")
        assert len(self.received()) == 2

    def test_notices_keep_their_order(self) -> None:
        notifier = self.notifier()
        for number in range(10):
            notifier.send(f"to-{number}", "甲", f"n/{number}")
        assert [to for to, _ in self.received()] == [f"to-{number}" for number in range(10)]
