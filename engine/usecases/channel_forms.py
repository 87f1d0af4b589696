"""A channel as an operator sets it: what each adapter asks for, what is filled in, how busy the channel is.

In: the node as it is bound, what was set. Out: plain views. Of secrets they say whether one is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.model.criteria import Compare, Every
from engine.model.traffic import NOTICES, ChannelBinding
from engine.problems import Refused
from engine.usecases.channel_kinds import IN, KINDS, OUT, ChannelKind, Setting, kinds_for
from engine.usecases.configuring import channel_set
from engine.usecases.landing_records import MESSAGE
from engine.usecases.runtime import Runtime

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MINUTES = 60
_UNITS = ((1 << 20, "MB"), (1 << 10, "KB"), (1, "B"))


@dataclass(frozen=True, slots=True)
class Filled:
    """A setting with what is filled in; of a secret whether there is one."""

    setting: Setting
    text: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """How many messages a channel had within a day, how many a minute within the last hour, and their mean size."""

    day: int
    minute: float
    size: int


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """One channel. `is_set` says that an operator bound it otherwise than the node file does."""

    name: str
    bound: ChannelBinding
    kind: ChannelKind
    kinds: Sequence[ChannelKind]
    fields: Sequence[Filled]
    is_set: bool
    busy: Busy


def channel_form(runtime: Runtime, name: str, adapter: str = "", raw: Mapping[str, str] | None = None) -> ChannelForm:
    """A channel with an adapter, its own unless another is named; filled with what was typed, else with what is in
    force. Raises Refused(not_found)."""
    bound = runtime.node.channels.get(name)
    if bound is None or bound.adapter == NOTICES:
        raise Refused((), kind="not_found")
    before = channel_set(runtime, name)
    direction = IN if bound.listens else OUT
    kinds = kinds_for(direction)
    wanted = adapter or (before.content["adapter"] if before is not None else bound.adapter)
    kind = next((one for one in kinds if one.name == wanted), None) or KINDS["file"]
    content: Mapping[str, str] = {}
    held: Mapping[str, str] = {}
    if before is not None and before.content["adapter"] == kind.name:
        content, held = before.content, before.secrets
    elif before is None and bound.adapter == kind.name:
        content = {**bound.settings, "most": size_of(bound.most), "tries": str(bound.tries)}
    shown = raw if raw is not None else content
    fields = [_filled(one, shown, held) for one in kind.asked(direction)]
    return ChannelForm(name, bound, kind, kinds, fields, before is not None, busy(runtime, name))


def busy(runtime: Runtime, name: str) -> Busy:
    """How busy a channel is."""
    now = runtime.clock.now()
    with runtime.store.begin(write=False) as unit:

        def since(span: timedelta) -> tuple[int, int]:
            where = Every((Compare(("channel",), "==", name), Compare(("created_at",), ">=", now - span)))
            (tally,) = unit.tally(MESSAGE, where, (), ("size",))
            return tally.count, int(str(tally.sums[0] or 0))

        (day, size), (hour, _) = since(_DAY), since(_HOUR)
    return Busy(day, hour / _MINUTES, size // day if day else 0)


def size_of(count: int) -> str:
    """A size as people write it; empty for any."""
    if not count:
        return ""
    unit, name = next((unit, name) for unit, name in _UNITS if count % unit == 0)
    return f"{count // unit}{name}"


def _filled(setting: Setting, content: Mapping[str, str], held: Mapping[str, str]) -> Filled:
    if setting.is_secret:
        return Filled(setting, "", bool(held.get(setting.name)))
    return Filled(setting, content.get(setting.name, ""))
