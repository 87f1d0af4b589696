"""The adapters that an operator may choose among for a channel: what each asks for, and what it carries.

In: what somebody filled in, as text. Out: a binding as the node file would have it, with addresses put together and
kept apart from what is shown. Which adapter stands behind a name is the composition root's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from engine.model.traffic import MOST_TRIES, ChannelBinding, bytes_of

IN, OUT = "in", "out"
_PLACE = ("host", "port", "tls", "vhost", "user", "password")
"""What an address is put together from."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that an adapter asks for: text, number, yes, size or secret. `way` is empty where both directions
    have it."""

    name: str
    kind: str = "text"
    way: str = ""
    required: bool = False
    usual: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether it is sealed, and never shown."""
        return self.kind == "secret"


@dataclass(frozen=True, slots=True)
class Advice:
    """For how many messages a day and a minute an adapter is there, `above` that or up to it, and of how many bytes at
    most, as those who prescribe the exchange advise."""

    day: int
    minute: int
    largest: int
    above: bool = False


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One adapter, and which way it goes; both where that is empty."""

    name: str
    settings: tuple[Setting, ...]
    way: str = ""
    advice: Advice | None = None

    def asked(self, direction: str) -> tuple[Setting, ...]:
        """What it asks for in one direction."""
        every = (*self.settings, *_EVERY)
        return tuple(one for one in every if one.way in ("", direction))


def _yes(name: str, usual: str = "", way: str = "") -> Setting:
    return Setting(name, "yes", way, usual=usual)


def _number(name: str, usual: str = "", way: str = "") -> Setting:
    return Setting(name, "number", way, usual=usual)


def _must(name: str, kind: str = "text", way: str = "") -> Setting:
    return Setting(name, kind, way, required=True)


_EVERY = (Setting("most", "size"), _number("tries", str(MOST_TRIES), OUT))
_PARTNER = (_must("own"), _must("partner"), _must("key"), _must("certificate"))
_GUARDED = (_yes("sign", "true"), _yes("encrypt", "true"), _yes("compress", way=OUT), _number("timeout", "30"))
_QUEUES = Advice(day=5_000, minute=100, largest=4_096 << 10, above=True)
_SMALL = Advice(day=5_000, minute=100, largest=1_024 << 10)
KINDS = {
    one.name: one
    for one in (
        ChannelKind(
            "rabbitmq",
            (
                _must("host"), _number("port", "5672"), _yes("tls"), Setting("vhost", usual="/"), Setting("user"),
                Setting("password", "secret"), Setting("queue"), Setting("exchange", way=OUT),
                Setting("routing", way=OUT), _number("prefetch", "200", IN), _number("priorities"),
                _yes("declare", "true"),
            ),
            advice=_QUEUES,
        ),
        ChannelKind(
            "ibm_mq",
            (
                _must("host"), _number("port", "1414"), Setting("user"), Setting("password", "secret"),
                _must("manager"), _must("mq_channel"), Setting("queue"),
            ),
            advice=_QUEUES,
        ),
        ChannelKind(
            "rocketmq",
            (
                _must("host"), _number("port", "8081"), _yes("tls"), Setting("user"), Setting("password", "secret"),
                Setting("queue"), Setting("group", way=IN),
            ),
            advice=_QUEUES,
        ),
        ChannelKind(
            "as2",
            (
                _must("url", "secret", OUT), *_PARTNER, Setting("path", way=IN), Setting("receipts_to", way=OUT),
                *_GUARDED,
            ),
            advice=_SMALL,
        ),
        ChannelKind(
            "as3",
            (
                _must("url", "secret"), *_PARTNER, _must("folder"), _must("receipts", way=IN),
                _must("receipts_to", way=OUT), _number("poll", "30", IN), _number("quiet", way=IN), *_GUARDED,
            ),
            advice=_SMALL,
        ),
        ChannelKind("http", (_must("url"), Setting("token", "secret"), _number("timeout", "30")), OUT),
        ChannelKind(
            "file",
            (
                Setting("folder"), Setting("name", way=OUT), _number("poll", "0.1", IN), _number("quiet", "1", IN),
                Setting("checksum"), _yes("keep_done", "true", IN),
            ),
        ),
        ChannelKind("database", (Setting("queue"), Setting("url", "secret"))),
    )
}  # fmt: skip
"""By name, in the order in which they are offered."""


def kinds_for(direction: str) -> tuple[ChannelKind, ...]:
    """The adapters that go a way."""
    return tuple(one for one in KINDS.values() if one.way in ("", direction))


def fault_of(setting: Setting, text: str) -> str:
    """What is wrong with a text: missing, number, size, folder, address, or nothing."""
    if not text:
        return "missing" if setting.required else ""
    if setting.kind == "number":
        return "" if text.replace(".", "", 1).isdecimal() and text.isascii() and float(text) > 0 else "number"
    if setting.kind == "size":
        return "" if bytes_of(text) else "size"
    if setting.name == "host":
        return "" if all(sign.isalnum() or sign in ".-:_" for sign in text) else "address"
    if setting.name == "url" and not setting.is_secret:
        return _address_fault(text)
    return "" if text.isprintable() else "signs"


def folder_fault(kind: str, text: str) -> str:
    """Folders of files stay within the node's own."""
    plain = text.replace("_", "").replace("-", "").isalnum() and text.isascii()
    return "folder" if kind == "file" and text and not plain else ""


def _address_fault(text: str) -> str:
    try:
        parts = urlsplit(text)
        has_password = parts.password is not None
    except ValueError:
        return "address"
    if has_password:
        return "password"
    return "" if parts.scheme in ("http", "https") and parts.hostname else "address"


def binding_of(before: ChannelBinding, content: Mapping[str, str], secrets: Mapping[str, str]) -> ChannelBinding:
    """The channel of the node file, bound as an operator set it."""
    adapter = content["adapter"]
    kept = {name: text for name, text in content.items() if text and name not in ("adapter", "most", "tries", *_PLACE)}
    sealed = {name: text for name, text in secrets.items() if text and name != "password"}
    if content.get("host"):
        sealed["url"] = _address(adapter, content, secrets.get("password", ""))
    if before.adapter == adapter:  # what nobody is asked for here, and addresses that the environment still holds
        kept = {**{name: text for name, text in before.settings.items() if _stays(name, content, sealed)}, **kept}
    most, tries = content.get("most", ""), content.get("tries", "")
    return replace(
        before,
        adapter=adapter,
        most=bytes_of(most),
        tries=int(tries) if tries else MOST_TRIES,
        settings=kept,
        secrets=sealed,
    )


def _stays(name: str, content: Mapping[str, str], sealed: Mapping[str, str]) -> bool:
    return name not in content and name.removesuffix("_from") not in sealed


def _address(adapter: str, content: Mapping[str, str], password: str) -> str:
    user = quote(content.get("user", ""), safe="")
    account = f"{user}:{quote(password, safe='')}@" if user else ""
    kind = KINDS[adapter]
    port = content.get("port") or next(one.usual for one in kind.settings if one.name == "port")
    host = f"[{content['host']}]" if ":" in content["host"] else content["host"]
    if adapter == "ibm_mq":
        return f"mq://{account}{host}:{port}"
    if adapter == "rocketmq":
        return f"rocketmq{'s' if content.get('tls') == 'true' else ''}://{account}{host}:{port}"
    scheme = "amqps" if content.get("tls") == "true" else "amqp"
    return f"{scheme}://{account}{host}:{port}/{quote(content.get('vhost') or '/', safe='')}"
