"""The contracts of `Channel` and `Notifier`: what each implementation must do, whatever it stands on.

A test derives from the class and says how to open the thing and how to see what came out at the far end. Knows no
adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.ports import Channel, Notifier


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
