"""Building of what belongs to a system and to no single document: roles, menu, notices, jobs, parameters, nodes.

In: entries judged by the schema. Out: `engine.model.system` classes. Whether roles, pages and sources exist is found by
the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_approvals import participants_of
from engine.loading.build_care import backup_plan, update_plan
from engine.loading.build_fields import FieldBuilder
from engine.loading.entry import Entry, sort_of, text_of
from engine.loading.names import Names
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Formula, Template
from engine.model.licence import LicenceDemand
from engine.model.system import (
    SHARED,
    Accounts,
    Calendar,
    Job,
    Kiosk,
    MenuEntry,
    Node,
    Notice,
    Parameter,
    Recipient,
    Role,
    Snapshots,
    System,
)  # fmt: skip
from engine.model.traffic import MESSAGES, MOST_TRIES, ChannelBinding, ServiceBinding, bytes_of

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build_system(name: str, entry: Entry) -> System:
    """One system of the catalogue."""
    kiosk = entry.piece("kiosk")
    return System(
        id=name,
        title=entry.title(),
        uses=entry.names("uses"),
        catalogue=entry.names("id"),
        roles={role: _role(role, found) for role, found in entry.entries("roles", "role").items()},
        menu=tuple(_menu(found) for found in entry.each("menu", "menu_entry")),
        where=entry.where,
        needs=entry.names("needs"),
        qualified=entry.flag("qualified"),
        kiosk={name: piece.raw for name, piece in kiosk.entries().items()} if kiosk is not None else {},
    )


def _role(name: str, entry: Entry) -> Role:
    return Role(
        name,
        entry.title(),
        entry.text("key"),
        entry.formula("rows"),
        entry.flag("anonymous"),
        entry.where,
        entry.names("logs"),
    )


def _menu(entry: Entry) -> MenuEntry:
    inner = tuple(_group(found) for found in entry.each("groups", "menu_group"))
    return replace(_group(entry), groups=inner)


def _group(entry: Entry) -> MenuEntry:
    pages: list[str] = []
    switches: dict[str, str] = {}
    for piece in entry.several("pages"):
        if is_mapping(piece.value):
            page = Entry.of(piece, "menu_page")
            pages.append(page.text("page"))
            switches[pages[-1]] = page.text("switch")
        else:
            pages.append(text_of(piece))
    named = {page: name for page, name in switches.items() if name}
    return MenuEntry(entry.title(), tuple(pages), entry.where, named, entry.names("roles"))


def build_parameter(name: str, entry: Entry, fields: FieldBuilder) -> Parameter:
    """A value that changes by date, or in the administration."""
    value = entry.given("value")
    dated = tuple(
        (found.dated(), given.literal)
        for found in entry.each("dated", "dated_value")
        if (given := found.given("value"))
    )
    return Parameter(
        id=name,
        title=entry.title(),
        type=fields.type_of(entry).required(),
        value=None if value is None else value.literal,
        dated=dated,
        set_by=entry.names("set_by"),
        per=entry.names("per"),
        source=entry.text("source"),
        where=entry.where,
        system=entry.origin.system,
        minimum=entry.number("min"),
        maximum=entry.number("max"),
    )


def build_notice(name: str, entry: Entry, fields: FieldBuilder) -> Notice:
    """What people are told."""
    return Notice(
        id=name,
        takes=fields.parameters(entry),
        to=tuple(_recipient(piece) for piece in entry.several("to")),
        text=entry.template("text") or Template("", entry.where),
        via=entry.names("via") or ("site",),
        everywhere=entry.flag("all"),
        where=entry.where,
        system=entry.origin.system,
        quiet=_quiet(entry.entry("quiet", "quiet")),
        title=entry.title(),
    )


def _recipient(piece: Piece) -> Recipient:
    condition: Formula | None = None
    who: Piece | None = piece
    if is_mapping(piece.value):
        entry = Entry.of(piece, "recipient")
        condition, who = entry.formula("when"), entry.piece("who")
    found = participants_of(who)
    if found is None:
        return Recipient(when=condition)
    return Recipient(found.role, found.within, found.users, condition)


def _quiet(entry: Entry | None) -> tuple[str, str, Formula | None]:
    return ("", "", None) if entry is None else (entry.text("from"), entry.text("until"), entry.formula("except"))


def build_job(name: str, entry: Entry, actions: ActionBuilder) -> Job:
    """Work by the clock."""
    return Job(
        id=name,
        title=entry.title(),
        every=entry.text("every"),
        at=entry.text("at"),
        until=entry.text("until"),
        calendar=entry.text("calendar"),
        each=entry.formula("each"),
        condition=entry.formula("where"),
        sort=sort_of(entry),
        most=entry.whole("most"),
        throttle=entry.text("throttle"),
        do=actions.actions(entry),
        where=entry.where,
        system=entry.origin.system,
        on=entry.text("on"),
        per=entry.formulas("per"),
    )


def build_calendar(name: str, entry: Entry) -> Calendar:
    """Working days."""
    days = entry.names("days")
    found = Calendar(
        name,
        holidays=frozenset(entry.names("holidays")),
        working=frozenset(entry.names("working")),
        title=entry.title(),
    )
    weekdays = frozenset(_WEEKDAYS.index(day) for day in days if day in _WEEKDAYS)
    return replace(found, weekdays=weekdays) if days else found


def build_node(name: str, entry: Entry, names: Names) -> Node:
    """Where definitions run."""
    accounts = entry.entry("accounts", "accounts")
    return Node(
        id=name,
        systems=entry.names("systems"),
        title=entry.title(),
        database=entry.text("database"),
        accounts=None if accounts is None else _accounts(accounts, names),
        channels=_channels(entry.piece("channels")),
        calendar=entry.text("calendar"),
        where=entry.where,
        devices=_settings(entry.piece("devices")),
        services={name: _service(one) for name, one in entry.entries("services", "node_service").items()},
        licence=_licence(entry.entry("licence", "node_licence")),
        kiosk=_kiosk(entry.entry("kiosk", "node_kiosk"), entry.names("systems"), names),
        snapshots=_snapshots(entry.entry("snapshots", "node_snapshots")),
        simulate=entry.flag("simulate"),
        backup=backup_plan(entry.entry("backup", "node_backup")),
        updates=update_plan(entry.entry("updates", "node_updates")),
    )


def _licence(entry: Entry | None) -> LicenceDemand | None:
    return None if entry is None else LicenceDemand(entry.text("issuer"))


def _kiosk(entry: Entry | None, systems: tuple[str, ...], names: Names) -> Kiosk | None:
    if entry is None:
        return None
    written = entry.text("flow")
    found = (names.key("flow", written, system) for system in (*systems, SHARED))
    flow = next((key for key in found if key), written)
    return Kiosk(flow, entry.text("role"), entry.text("place", "kiosk"), entry.where, entry.formula("waiting"))


def _snapshots(entry: Entry | None) -> Snapshots | None:
    if entry is None:
        return None
    free = bytes_of(entry.text("free")) or Snapshots("", ()).free
    return Snapshots(entry.text("camera"), entry.names("on"), free, entry.where)


def _accounts(entry: Entry, names: Names) -> Accounts:
    written = entry.text("document")
    return Accounts(
        document=names.resolve("document", written, SHARED, entry.at("document"), entry.origin.problems),
        login=entry.text("login"),
        password=entry.text("password"),
        name=entry.text("name"),
        roles=entry.text("roles"),
        org=entry.text("org"),
        enabled=entry.text("enabled"),
        where=entry.where,
        own_password=entry.flag("own_password"),
        **{key: int(found) for key in ("tries", "lock_minutes") if (found := entry.number(key)) is not None},
    )


_OF_ADAPTERS = (
    "folder", "name", "checksum", "quiet", "keep_done", "url", "url_from", "token_from", "timeout", "queue",
    "exchange", "routing", "prefetch", "priorities", "declare", "manager", "mq_channel", "own", "partner",
    "key", "certificate", "sign", "encrypt", "compress", "path", "receipts_to", "receipts_within",
    "receipts_by", "receipts", "done", "poll", "authority", "group",
)  # fmt: skip
"""Keys of a channel that its adapter alone understands."""


def _channels(piece: Piece | None) -> Mapping[str, ChannelBinding]:
    """Channels by name; a single word names the adapter."""
    found = {} if piece is None else piece.entries()
    return {
        name: _channel(Entry.of(one, "node_channel")) if is_mapping(one.value) else ChannelBinding(text_of(one))
        for name, one in found.items()
    }


def _channel(entry: Entry) -> ChannelBinding:
    settings = {key: entry.text(key) for key in _OF_ADAPTERS if key in entry}
    return ChannelBinding(
        entry.text("adapter", MESSAGES),
        entry.text("direction", "out"),
        bytes_of(entry.text("most")),
        entry.whole("tries") or MOST_TRIES,
        settings,
        entry.flag("urgent"),
    )


def _service(entry: Entry) -> ServiceBinding:
    return ServiceBinding(
        entry.text("url"), entry.text("url_from"), entry.text("token_from"), entry.whole("tries") or MOST_TRIES
    )


def _settings(piece: Piece | None) -> Mapping[str, Mapping[str, str]]:
    """Settings by name; a single word names the adapter."""
    found = {} if piece is None else piece.entries()
    return {
        name: {key: text_of(value) for key, value in one.entries().items()} or {"adapter": text_of(one)}
        for name, one in found.items()
    }
