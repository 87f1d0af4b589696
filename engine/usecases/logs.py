"""Logs that the engine keeps by itself, as tables of pages: who signed in, what people did to documents, all else.

In: a log as a page asks for it, the world as the actor sees it. Out: a table, newest first. Nobody reads a log whose
roles do not name it (`logs` of a role), and of whom the actor may not see the account nothing is told; records that the
actor may not see are told by their type alone. Nothing here knows of components beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from engine.expressions.environment import Env
from engine.model.criteria import ALWAYS
from engine.model.formula import Formula, Title
from engine.model.free_pages import Log
from engine.model.records import AuditEntry, HistoryEntry
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE
from engine.usecases.page_views import CellView, RowView, TableView
from engine.usecases.presenting import Presenter
from engine.usecases.projected import ProjectedWorld
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

Entry = AuditEntry | HistoryEntry
SIGN_INS = ("log_in", "log_in_failed", "log_in_locked", "log_out", "change_password", "issue_token", "revoke_token")
"""What the audit tells of people's way in; all other entries are the log of the system."""
MOST = 200
MOST_READ = 20_000
"""Entries that are looked through for one person at least."""
_OWN = Title("系统", "System")
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31)
_AT, _WHO, _ACT = Title("时间", "At"), Title("人员", "Who"), Title("动作", "Act")
_KIND, _FROM = Title("单据类型", "Document"), Title("来源地址", "From address")
_HEADS = {
    "sign_ins": (_AT, _WHO, Title("账号", "Account"), _ACT, _FROM),
    "acts": (_AT, _WHO, _KIND, Title("单据", "Record"), _ACT, Title("状态", "State")),
    "system": (_AT, _WHO, _ACT, _KIND, Title("说明", "Details"), _FROM),
}


def may_read(runtime: Runtime, actor: Actor, name: str) -> bool:
    """Whether a role of the actor names the log, in a system that runs here."""
    systems = (runtime.definitions.systems[one] for one in runtime.node.systems)
    return any(name in role.logs for one in systems for role in one.roles.values() if role.id in actor.roles)


def log_view(world: ProjectedWorld, presenter: Presenter, log: Log, env: Env) -> TableView:
    """The table of a log. Raises Refused(forbidden) where no role of the actor names it."""
    return Telling(world, presenter).table(log, env)


@dataclass(frozen=True, slots=True)
class Telling:
    """Words entries for one actor."""

    world: ProjectedWorld
    presenter: Presenter

    def table(self, log: Log, env: Env) -> TableView:
        """The entries of the days asked for, in which `who` occurs in a name or an account, of people whose accounts
        the actor may see; what nobody with an account did only where those are all."""
        if not may_read(self.world.runtime, self.world.actor, log.name):
            told = {"zh": "您没有查看此日志的权限", "en": "You may not read this log"}
            raise Refused((Finding("forbidden", told),), kind="forbidden")
        who = str(_value(log.who, env) or "").strip().casefold()
        most = log.most or MOST
        every = self._sees_everybody()
        limit = most + 1 if every and not who else max(MOST_READ, most + 1)
        span = _start(_value(log.since, env), _FIRST), _end(_value(log.until, env))
        entries = self._entries(log.name, span, limit)
        self._bring(entries)
        told_of = (one for one in entries if every or self._account(one.actor) is not None)
        meant = (one for one in told_of if any(who in name.casefold() for name in self._names(one)))
        shown = tuple(islice(meant, most + 1))
        self._bring_records(shown)
        rows = tuple(self._row(log.name, one) for one in shown)
        heads, more = _HEADS[log.name], len(rows) > most or (limit > most + 1 and len(entries) == limit)
        return TableView("table", heads, (False,) * len(heads), rows[:most], more=more, exports=True)

    def _sees_everybody(self) -> bool:
        """Whether no account is hidden from the actor."""
        accounts, runtime = self.world.runtime.node.accounts, self.world.runtime
        return accounts is None or (
            runtime.rights(accounts.document, self.world.actor).rows(self.world.whole) == ALWAYS
        )

    def _bring(self, entries: Sequence[Entry]) -> None:
        """Read all accounts of a log at once."""
        accounts = self.world.runtime.node.accounts
        if accounts is not None:
            self.world.whole.bring(accounts.document, (one.actor for one in entries if one.actor))

    def _bring_records(self, entries: Sequence[Entry]) -> None:
        """Read the records that acts were done to at once, those of a type together."""
        ids: dict[str, list[str]] = {}
        for one in entries:
            if isinstance(one, HistoryEntry) and one.document in self.presenter.definitions.documents:
                ids.setdefault(one.document, []).append(one.record_id)
        for document, found in ids.items():
            self.world.whole.bring(document, found)

    def _entries(self, name: str, span: tuple[datetime, datetime], limit: int) -> Sequence[Entry]:
        store = self.world.runtime.store
        if name == "acts":
            return store.acts(span, limit)
        return store.audit(limit=limit, span=span, actions=SIGN_INS, others=name == "system")

    def _names(self, entry: Entry) -> tuple[str, ...]:
        """What whoever acted is called: the name and the account, and the one that was typed."""
        accounts, row = self.world.runtime.node.accounts, self._account(entry.actor)
        own = (str(row[accounts.login] or ""),) if accounts is not None and row is not None else ()
        typed = (str(entry.detail.get("login") or ""),) if isinstance(entry, AuditEntry) else ()
        return (self._who(entry.actor), *own, *typed)

    def _row(self, name: str, entry: Entry) -> RowView:
        if isinstance(entry, HistoryEntry):
            return self._act(entry)
        return self._sign_in(entry) if name == "sign_ins" else self._rest(entry)

    def _sign_in(self, entry: AuditEntry) -> RowView:
        login = str(entry.detail.get("login") or entry.detail.get("title") or "")
        return RowView((*self._begin(entry), CellView(login), _act_of(entry), CellView(entry.address)))

    def _rest(self, entry: AuditEntry) -> RowView:
        told = " · ".join(self._told(entry.document, value) for value in entry.detail.values())
        cells = (CellView(text) for text in (self._kind(entry.document), told[:200], entry.address))
        return RowView((*self._begin(entry), _act_of(entry), *cells))

    def _begin(self, entry: AuditEntry) -> tuple[CellView, CellView]:
        return CellView(self._at(entry.at)), CellView(self._who(entry.actor))

    def _act(self, entry: HistoryEntry) -> RowView:
        machine = self.presenter.definitions.machines.get(entry.document)
        event = machine.events.get(entry.event) if machine is not None else None
        act = event.title.worded(self.presenter.language) if event is not None else entry.event
        declared = entry.document in self.presenter.definitions.documents
        values = self.world.follow(entry.document, entry.record_id) if declared else None
        label = self.presenter.label(entry.document, values) if values is not None else ""
        states = [self._state(entry.document, one) for one in dict.fromkeys((entry.from_state, entry.to_state)) if one]
        kind = self._kind(entry.document)
        cells = (self._at(entry.at), self._who(entry.actor), kind, label, act, " → ".join(states))
        link = ("document", f"{entry.document}:{entry.record_id}") if values is not None else None
        return RowView(tuple(CellView(text) for text in cells), link)

    def _state(self, document: str, state: str) -> str:
        machine = self.presenter.definitions.machines.get(document)
        found = machine.states.get(state) if machine is not None else None
        return found.title.worded(self.presenter.language) if found is not None else state

    def _at(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S}"

    def _who(self, account: str) -> str:
        accounts, row = self.world.runtime.node.accounts, self._account(account)
        own = _OWN.worded(self.presenter.language) if account == ENGINE.id else account
        return str((row[accounts.name] if accounts is not None and row is not None else "") or own)

    def _account(self, account: str) -> Mapping[str, object] | None:
        accounts = self.world.runtime.node.accounts
        return self.world.follow(accounts.document, account) if accounts is not None and account else None

    def _told(self, document: str, value: object) -> str:
        """A detail; names of fields of the document by their titles."""
        declared = self.presenter.definitions.documents.get(document)
        fields = declared.fields if declared is not None else {}
        several = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        words = (fields[one].title.worded(self.presenter.language) if one in fields else one for one in several)
        return ", ".join(words)

    def _kind(self, document: str) -> str:
        declared = self.presenter.definitions.documents.get(document)
        return declared.title.worded(self.presenter.language) if declared is not None else document


def _act_of(entry: AuditEntry) -> CellView:
    """What was done, by its name: it is worded at the door, which knows the words of the engine."""
    return CellView(f"audit.{entry.action}", word=f"audit.{entry.action}")


def _value(formula: Formula | None, env: Env) -> object:
    return formula(env) if formula is not None else None


def _start(value: object, otherwise: datetime) -> datetime:
    return datetime.combine(value, time()) if isinstance(value, date) else otherwise


def _end(value: object) -> datetime:
    """The end of a day; the last of all days has none."""
    if not isinstance(value, date) or value >= _LAST.date():
        return _LAST
    return datetime.combine(value, time()) + timedelta(days=1)
