"""A small office for tests of use cases: definitions in the test, a store in memory, a clock that is set."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from engine.checks import check
from engine.loading import load
from engine.loading.folder import MemoryTree
from engine.model.criteria import Selection
from engine.model.prints import Layout, Printed, ScannedPage
from engine.model.values import StoredFile
from engine.model.workbooks import CellForm, MarkedPage, MarkedRow, ReadSheet, TemplateColumn
from engine.ports import Channel, DocumentStore, Ids, Unreadable, UnreadableScan
from engine.ports.xml import Xml
from engine.problems import DefinitionError
from engine.testing.memory import MemoryStore
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work, raise_event
from engine.usecases.internal import storages
from engine.usecases.page_filing import file_next
from engine.usecases.pressing import press_next
from engine.usecases.receiving import receive
from engine.usecases.runtime import InForce, Runtime, in_force
from engine.usecases.views import Actor, EventRequest, Outcome
from engine.usecases.watch_turns import run_watches

BASE = {
    "shared/codes/roles.csv": "code,title\nclerk,经办\nleader,领导\nboss,主管\n",
    "shared/org/document.yaml": "document: org\ntitle: 单位\nlabel: name\ntree: parent\nfields:\n"
    "  name: {title: 名称, type: text, required: true}\n  parent: {title: 上级, type: ref, to: org}\n",
    "shared/org/access.yaml": 'access:\n  clerk: {read: "*"}\n  leader: {read: "*"}\n  boss: {read: "*"}\n',
    "shared/user/document.yaml": "document: user\ntitle: 用户\nlabel: name\nfields:\n"
    "  login: {title: 登录名, type: text, required: true}\n  password: {title: 密码, type: password}\n"
    "  name: {title: 姓名, type: text, required: true}\n  roles: {title: 角色, type: codes, in: roles}\n"
    "  org: {title: 单位, type: ref, to: org}\n  enabled: {title: 启用, type: boolean, default: true}\n"
    "unique: [[login]]\n",
    "shared/user/access.yaml": "access:\n  clerk: {read: [name]}\n  leader: {read: [name]}\n  boss: {read: [name]}\n",
    "desk/system.yaml": "system: desk\nid: T-1\ntitle: 办公\nuses: [shared]\nroles:\n  clerk: {title: 经办}\n"
    "  leader: {title: 领导}\n  boss: {title: 主管}\n",
    "nodes/test.yaml": "node: test\nsystems: [desk]\naccounts: {document: user, login: login, password: password, "
    "name: name, roles: roles, org: org, enabled: enabled}\nchannels: {out: {adapter: file}}\n",
}


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **length: float) -> None:
        self.at += timedelta(**length)


class CountedIds:
    """Ids in order."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"{self.count:032x}"


class PlainPasswords:
    """Digests quick enough for tests."""

    def hash(self, password: str) -> str:
        return "digest:" + hashlib.sha256(password.encode()).hexdigest()

    def verify(self, digest: str, password: str) -> bool:
        return digest == self.hash(password)


class Files:
    """Files in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes, name: str, media: str) -> StoredFile:
        digest = hashlib.sha256(content).hexdigest()
        self.kept[digest] = content
        return StoredFile(digest, name, len(content), media)

    def take(self, source: BinaryIO, name: str, media: str) -> StoredFile:
        source.seek(0)
        return self.put(source.read(), name, media)

    def get(self, file_hash: str) -> bytes:
        return self.kept[file_hash]

    def open(self, file_hash: str) -> BinaryIO:
        return io.BytesIO(self.kept[file_hash])


class Pdf:
    """Keeps the HTML as if it were a PDF."""

    def write(self, html: str, *, style: str, base: str = "", title: str = "") -> bytes:
        return b"%PDF-" + html.encode()


class PlainPress:
    """Keeps the HTML of many prints, a page each."""

    def print_all(self, layouts: Sequence[Layout]) -> Printed:
        return Printed(b"%PDF-" + "\n".join(one.html for one in layouts).encode(), (1,) * len(layouts))

    def join(self, parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
        return b"%PDF-" + b"\n".join(part.removeprefix(b"%PDF-") for part in parts) + f"\n{list(marks)}".encode()


class PlainScans:
    """Scans whose pages are the lines of a text behind the head of their file; a line is what the codes say."""

    def read(self, content: bytes, media: str) -> Sequence[ScannedPage]:
        lines = content.decode().split("\n")[1:]
        if lines and lines[0] in ("broken", "pixels"):
            raise UnreadableScan(lines[0])
        return [ScannedPage(f"\xff\xd8\xff{one}".encode("latin-1"), b"small", (one,)) for one in lines]

    def bind(self, pictures: Sequence[bytes]) -> bytes:
        return b"%PDF-" + b"+".join(pictures)


class Qr:
    """The text itself."""

    def svg(self, text: str) -> str:
        return f"<svg><title>{text}</title></svg>"


class Letters:
    """Readings of nothing."""

    def readings(self, text: str) -> str:
        return ""

    def characters(self, syllable: str) -> str:
        return ""


class Sheets:
    """Workbooks as text: one sheet, lines of cells apart by tabs; a mark stands in brackets behind its cell."""

    def read(self, content: bytes) -> Mapping[str, list[list[object]]]:
        return {"Sheet": [list(cells) for _, cells in self.open(content)[0].rows]}

    def open(self, content: bytes) -> Sequence[ReadSheet]:
        if content.startswith(b"PK"):
            raise Unreadable("不是工作簿", "no sheet")
        lines = [[cell or None for cell in line.split("\t")] for line in content.decode().split("\n")]
        return [ReadSheet("Sheet", [(number, cells) for number, cells in enumerate(lines, 1) if any(cells)])]

    def write(
        self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]], forms: Sequence[CellForm] = ()
    ) -> bytes:
        return "\n".join(["\t".join(head), *("\t".join(map(str, row)) for row in rows)]).encode()

    def template(self, title: str, columns: Sequence[TemplateColumn], examples: str = "") -> bytes:
        return "\t".join(column.head for column in columns).encode()

    def marked(self, pages: Iterable[MarkedPage]) -> bytes:
        return "\n".join(_marked_line(row) for page in pages for row in page.rows).encode()


def _marked_line(row: MarkedRow) -> str:
    width = max(len(row.cells), *row.marks, 0)
    cells = ["" if cell is None else str(cell) for cell in [*row.cells, *[""] * (width - len(row.cells))]]
    marks = {number - 1: f"[{mark.text}]" for number, mark in row.marks.items()}
    return "\t".join([str(row.number), *(cell + marks.get(place, "") for place, cell in enumerate(cells))])


class Sent:
    """A channel that remembers, once per key."""

    def __init__(self) -> None:
        self.messages: dict[str, tuple[str, bytes]] = {}

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        self.messages.setdefault(key, (kind, body))


@lru_cache(maxsize=32)
def _in_force(files: tuple[tuple[str, str], ...]) -> InForce:
    """Definitions in force, shared by all offices that have the same ones, as a process shares them."""
    checked = check(load(MemoryTree(dict(files))))
    if not checked.is_sound:
        raise DefinitionError(checked.problems)
    return in_force(checked)


class Office:
    """Definitions in force over a store in memory, with accounts for each role."""

    def __init__(
        self,
        files: Mapping[str, str],
        *,
        now: datetime = datetime(2026, 5, 6, 9, 0),
        store: DocumentStore | None = None,
        ids: Ids | None = None,
        channel: Channel | None = None,
        xml: Callable[[Mapping[str, str]], Xml] | None = None,
    ) -> None:
        """A store that has accounts already is taken as it is."""
        force = _in_force(tuple({**BASE, **files}.items()))
        self.clock, self.sent = SetClock(now), Sent()
        self.store = store or MemoryStore()
        self.store.apply([*storages(), *(program.storage for program in force.programs.values())])
        self.runtime = Runtime(
            force=force,
            node=force.definitions.nodes["test"],
            store=self.store,
            files=Files(),
            clock=self.clock,
            ids=ids or CountedIds(),
            passwords=PlainPasswords(),
            pdf=Pdf(),
            qr=Qr(),
            workbook=Sheets(),
            pinyin=Letters(),
            channels={"out": channel or self.sent},
            receiver=receive,
            xml=None if xml is None else xml(force.schemas),
            press=PlainPress(),
            scans=PlainScans(),
            secret=b"test",
            address="https://office.test",
        )
        self.people: dict[str, Actor] = {}
        for row in self.all("user"):
            found = actor_of(self.runtime, str(row["id"]))
            assert found is not None
            self.people[str(row["login"])] = found
        if not self.people:
            self._move_in()

    def _move_in(self) -> None:
        self.org = self.engine("org", {"name": "一处"})
        self.other_org = self.engine("org", {"name": "二处"})
        for login, role in (("clerk", "clerk"), ("leader", "leader"), ("boss", "boss"), ("second", "leader")):
            self.account(login, role, self.org)
        self.account("stranger", "clerk", self.other_org)

    def account(self, login: str, role: str, org: str) -> Actor:
        values = {"login": login, "name": login, "roles": [role], "org": org}
        user = self.engine("user", values)
        found = actor_of(self.runtime, user)
        assert found is not None
        self.people[login] = found
        return found

    def engine(self, document: str, raw: Mapping[str, object]) -> str:
        """Create a record as the engine."""
        event = self.runtime.definitions.machines[document].creating()[0].name
        return str(
            in_work(self.runtime, ENGINE, lambda w: w.apply(w.blank(document), event, ENGINE, Inputs(raw)).values["id"])
        )

    def raise_(self, who: str, event: str, document: str, record_id: str | None = None, /, **keys: Any) -> Outcome:
        """Raise an event as an account; values for the form are keyword arguments beside those of the request."""
        known = {name: keys.pop(name) for name in ("asked", "confirmed", "version", "key", "comment") if name in keys}
        return raise_event(self.runtime, self.people[who], EventRequest(document, event, record_id, raw=keys, **known))

    def values(self, document: str, record_id: str) -> dict[str, object]:
        with self.store.begin(write=False) as unit:
            record = unit.fetch(document, record_id)
            assert record is not None
            return record.values

    def all(self, document: str, **equal: object) -> list[dict[str, object]]:
        with self.store.begin(write=False) as unit:
            found = unit.select(Selection(document, limit=1000, tables=None))
        return [r.values for r in found if all(r.values[name] == value for name, value in equal.items())]

    def deliver(self) -> None:
        """Let the worker do all that is due."""
        while any(step(self.runtime) for step in (run_watches, deliver_due, press_next, file_next)):
            pass

    def with_language(self, who: str, language: str) -> Actor:
        return replace(self.people[who], language=language)
