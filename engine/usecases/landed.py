"""Messages as operators look at them: a page of those that match, one with its body, how many need an eye.

In: what is asked for. Out: plain views, newest first. Whoever may look is decided at the door; a body that is shown is
written down in the audit, since it holds what fields hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.incidents import told
from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.records import AuditEntry, Record
from engine.ports import Unit
from engine.problems import Refused
from engine.usecases.cursors import cursor_of, cursor_text
from engine.usecases.landing import body
from engine.usecases.landing_records import ABNORMAL, ARRIVED, MESSAGE, SENDING
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

MOST = 200
CAP = 1_000
"""Where counting stops: more than that is said as more than that."""
LASTS = timedelta(minutes=6)
"""A try that lasts longer has died: its effect is given to others by then."""


@dataclass(frozen=True, slots=True)
class LandedQuery:
    """What is asked for; what is empty is not asked. `number` is the beginning of one. Times are those of landing, or,
    with `by_sending`, those when the channel had it."""

    direction: str = ""
    states: tuple[str, ...] = ()
    kind: str = ""
    channel: str = ""
    number: str = ""
    code: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by_sending: bool = False
    document: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class LandedView:
    """One message. `text` and `repair` say what is wrong and what to do, by language; both are empty where all is
    well. `tries` counts how often it was tried since, `resent` how often it was sent again on purpose."""

    id: str
    number: str
    kind: str
    title: str
    direction: str
    channel: str
    size: int
    digest: str
    state: str
    landed_at: datetime
    code: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    repair: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0
    resent: int = 0
    repeats: int = 0
    document: str = ""
    record_id: str = ""
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    signer: str = ""
    because: str = ""
    by: str = ""
    cause: Mapping[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None
    purged_at: datetime | None = None
    archive: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_abnormal(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state in ABNORMAL


@dataclass(frozen=True, slots=True)
class LandedPage:
    """A page of messages; `next` and `previous` are cursors, empty where there is no more."""

    messages: tuple[LandedView, ...]
    next: str = ""
    previous: str = ""


def landed_page(
    runtime: Runtime, query: LandedQuery, *, after: str = "", backwards: bool = False, limit: int = 50
) -> LandedPage:
    """One page, newest first. Raises Refused for a cursor that no such page gave."""
    order, limit = _order(query), max(1, min(limit, MOST))
    position = cursor_of(after, order, None)
    with runtime.store.begin(write=False) as unit:
        found = _selected(unit, query, position, limit + 1, backwards=backwards)
    further = len(found) > limit
    found = found[-limit:] if backwards else found[:limit]
    later, earlier = (bool(after), further) if backwards else (further, bool(after))
    return LandedPage(
        tuple(view_of(record) for record in found),
        cursor_text(found[-1], order) if found and later else "",
        cursor_text(found[0], order) if found and earlier else "",
    )


def landed_count(runtime: Runtime, query: LandedQuery, cap: int = CAP) -> int:
    """How many match, at most `cap`."""
    with runtime.store.begin(write=False) as unit:
        return min(cap, sum(unit.count(MESSAGE, _where(one), cap) for one in _by_state(query)))


def landed_message(runtime: Runtime, actor: Actor, landed_id: str) -> tuple[LandedView, bytes]:
    """One message with its body, which is noted in the audit. Raises Refused(not_found), KeyError where its file is
    lost."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(MESSAGE, landed_id)
    if record is None:
        raise Refused((), kind="not_found")
    content = body(runtime.files, record)
    runtime.store.note(AuditEntry(runtime.clock.now(), actor.id, "message_read", MESSAGE, record.id, {}, actor.address))
    return view_of(record), content


def landed_about(runtime: Runtime, landed_id: str) -> LandedView:
    """One message without its body. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(MESSAGE, landed_id)
    if record is None:
        raise Refused((), kind="not_found")
    return view_of(record)


def interrupted(record: Record, now: datetime) -> bool:
    """Whether a message has been under way for longer than a try lasts, so that nobody works on it any more."""
    changed = record.values["changed_at"]
    under_way = record.values["state"] in {SENDING, ARRIVED}
    return under_way and isinstance(changed, datetime) and now - changed > LASTS


def ids_of_query(runtime: Runtime, query: LandedQuery, most: int) -> list[str]:
    """The newest messages that match, by id."""
    with runtime.store.begin(write=False) as unit:
        return [record.id for record in _selected(unit, query, None, most, backwards=False)]


def _selected(
    unit: Unit, query: LandedQuery, after: tuple[object, ...] | None, limit: int, *, backwards: bool
) -> list[Record]:
    """Newest first. Several states are asked for one by one, since an index leads through the messages of one state in
    the order of time; what is asked for most, all that is abnormal, is rare among millions."""
    order = _order(query)
    found: list[Record] = []
    for one in _by_state(query):
        found += unit.select(Selection(MESSAGE, _where(one), order, after, limit, backwards=backwards))
    found.sort(key=lambda record: (str(record.values[order[0].field]), record.id), reverse=True)
    return found[-limit:] if backwards else found[:limit]


def _by_state(query: LandedQuery) -> list[LandedQuery]:
    return [replace(query, states=(state,)) for state in query.states] or [query]


def _order(query: LandedQuery) -> tuple[Order, ...]:
    return (Order("sent_at" if query.by_sending else "created_at", descending=True),)


def _where(query: LandedQuery) -> Criterion:
    moment = ("sent_at",) if query.by_sending else ("created_at",)
    equal = {name: getattr(query, name) for name in ("direction", "kind", "channel", "code", "document", "record_id")}
    parts: list[Criterion] = [Compare((name,), "==", value) for name, value in equal.items() if value]
    if query.states:
        parts.append(Compare(("state",), "==", query.states[0]))
    if query.number:
        parts.append(Compare(("number",), ">=", query.number))
        parts.append(Compare(("number",), "<", query.number + "\U0010ffff"))
    if query.since is not None:
        parts.append(Compare(moment, ">=", query.since))
    if query.until is not None:
        parts.append(Compare(moment, "<=", query.until))
    if query.by_sending and query.since is None and query.until is None:
        parts.append(Compare(moment, "!=", None))
    return Every(tuple(parts))


def view_of(record: Record) -> LandedView:
    """A landed message as operators see it."""
    values = record.values
    code, known = str(values["code"] or ""), told(str(values["code"] or ""))
    texts, headers = values["told"], values["headers"]
    landed, sent, settled, changed, purged = (
        values[name] for name in ("created_at", "sent_at", "settled_at", "changed_at", "purged_at")
    )
    assert isinstance(landed, datetime)
    return LandedView(
        record.id,
        number=str(values["number"] or ""),
        kind=str(values["kind"] or ""),
        title=str(values["title"] or ""),
        direction=str(values["direction"] or ""),
        channel=str(values["channel"] or ""),
        size=int(str(values["size"] or 0)),
        digest=str(values["digest"] or ""),
        state=str(values["state"] or ""),
        landed_at=landed,
        code=code,
        text=dict(texts) if isinstance(texts, Mapping) else {},
        repair=known.repair if known is not None and record.values["state"] in ABNORMAL else {},
        tries=int(str(values["tries"] or 0)),
        resent=int(str(values["resent"] or 0)),
        repeats=int(str(values["repeats"] or 0)),
        document=str(values["document"] or ""),
        record_id=str(values["record_id"] or ""),
        sent_at=sent if isinstance(sent, datetime) else None,
        settled_at=settled if isinstance(settled, datetime) else None,
        signer=str(values["signer"] or ""),
        because=str(values["because"] or ""),
        by=str(values["changed_by"] or ""),
        cause=known.cause if known is not None else {},
        changed_at=changed if isinstance(changed, datetime) else None,
        purged_at=purged if isinstance(purged, datetime) else None,
        archive=str(values["archive"] or ""),
        headers=dict(headers) if isinstance(headers, Mapping) else {},
    )
