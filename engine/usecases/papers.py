"""Papers that went out: what each has shown, as a digest; and whether what somebody holds in hand still agrees.

A token names one content of one print of one record. It is a keyed digest: it can be neither guessed nor made up, and
the same content printed again has the same token. In: the sights of a print, or a token. Out: a token, or what the
public page says. That page is for everybody: it shows the facts that the definition names, masked, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.access.masks import masked
from engine.expressions.environment import Env
from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.formula import Title
from engine.model.prints import PrintForm
from engine.model.records import Record
from engine.ports import Unit
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Working
from engine.usecases.paperwork import PAPER
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.sights import Sights, stored
from engine.usecases.work import Work

_TOKEN = re.compile(r"[A-Z2-7]{26}")
_KEEP = "paper"


@dataclass(frozen=True, slots=True)
class PaperView:
    """What the public page says: `agrees`, `differs`, `replaced` by a newer print, `revoked`, or `unknown`."""

    verdict: str
    title: Title = Title()
    printed_at: datetime | None = None
    facts: tuple[tuple[Title, str], ...] = ()


UNKNOWN = PaperView("unknown")


def digest_of(unit: Unit, secret: bytes, sights: Mapping[str, object]) -> str:
    """A keyed digest of the stored values that a print has shown."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for record, name in stored(sights):
        names[record].append(name)
    said = []
    for record in sorted(names):
        document, _, record_id = record.partition(":")
        found = unit.fetch(document, record_id)
        values = {} if found is None else found.values
        said += [f"{record}.{name}={_plain(values.get(name))!r}" for name in sorted(names[record])]
    return hmac.new(secret, "\n".join(said).encode(), hashlib.sha256).hexdigest()


def _plain(value: object) -> object:
    """A value without what changes though nothing is said otherwise: the ids of rows."""
    if isinstance(value, list):
        return [{name: row[name] for name in sorted(row) if name != "id"} for row in value]
    return value


def token_of(secret: bytes, document: str, record_id: str, print_id: str, digest: str) -> str:
    """26 signs (130 bits) that name this content."""
    said = f"{_KEEP}\0{document}\0{record_id}\0{print_id}\0{digest}"
    return b32encode(hmac.new(secret, said.encode(), hashlib.sha256).digest()[:17]).decode()[:26]


def note_paper(work: Work, document: str, record_id: str, print_id: str, about: Mapping[str, object]) -> None:
    """Keep that a paper went out; `about` has its token, digest, sights and version. The same again is kept once."""
    known = papers_of(work.unit, str(about["token"]), limit=1)
    if known and known[0].values["of_version"] == about["of_version"]:
        return
    named = {"document": document, "record_id": record_id, "print": print_id}
    work.unit.insert(Record(PAPER, {**system_values(work), **named, **about}))


def papers_of(unit: Unit, token: str, limit: int = 20) -> list[Record]:
    """Papers with a token, newest first."""
    if not _TOKEN.fullmatch(token):
        return []
    newest = (Order("created_at", descending=True),)
    return unit.select(Selection(PAPER, Compare(("token",), "==", token), newest, limit=limit))


def token_in(text: str) -> str:
    """The token in what a code says: the last step of its address; empty when there is none."""
    last = text.rpartition("/v/")[2] if "/v/" in text else text
    return last if _TOKEN.fullmatch(last) else ""


def verify_paper(runtime: Runtime, token: str) -> PaperView:
    """What may be told to anybody who holds a paper with this token."""
    with runtime.store.begin(write=False) as unit:
        found = papers_of(unit, token, limit=1)
        form = runtime.definitions.prints.get(str(found[0].values["print"])) if found else None
        if form is None or form.verify is None:
            return UNKNOWN
        paper = found[0]
        document, record_id = str(paper.values["document"]), str(paper.values["record_id"])
        work = Work(runtime, unit, ENGINE, Performer())
        declared, record = runtime.definitions.documents.get(document), unit.fetch(document, record_id)
        at = paper.values["created_at"]
        assert isinstance(at, datetime)
        if declared is None or record is None or record.values.get("deleted"):
            return PaperView("revoked", form.title, at)
        work.world.put(document, record.values)
        working = Working(declared, record.values, record.values)
        return _judged(work, working, form, paper)


def _judged(work: Work, working: Working, form: PrintForm, paper: Record) -> PaperView:
    at, sights = paper.values["created_at"], paper.values["sights"]
    assert isinstance(at, datetime)
    assert isinstance(sights, Mapping)
    assert form.verify is not None
    env = Env(working.values, work.world.as_of(work.day_of(working)), this=working.values)
    if form.verify.valid is not None and not form.verify.valid.holds(env):
        return PaperView("revoked", form.title, at)
    if digest_of(work.unit, work.runtime.secret, sights) == paper.values["digest"]:
        return PaperView("agrees", form.title, at, _facts(work, working, form.verify.facts))
    return PaperView("replaced" if _has_newer(work.unit, paper) else "differs", form.title, at)


def _has_newer(unit: Unit, paper: Record) -> bool:
    names = ("document", "record_id", "print")
    same = Every(tuple(Compare((name,), "==", paper.values[name]) for name in names))
    newest = unit.select(Selection(PAPER, same, (Order("created_at", descending=True),), limit=1))
    return bool(newest) and newest[0].values["token"] != paper.values["token"]


def _facts(work: Work, working: Working, facts: Mapping[str, str]) -> tuple[tuple[Title, str], ...]:
    presenter, shown = Presenter(work.world.as_of(work.day_of(working))), []
    for name, mask in facts.items():
        field, value = working.document.fields.get(name), working.values.get(name)
        text = presenter.text(field, value) if field is not None else _system_text(work, working, name)
        title = field.title if field is not None else _SYSTEM_TITLES.get(name, Title(name, name))
        shown.append((title, text if mask == "plain" or not text else masked(text, mask)))
    return tuple(shown)


def _system_text(work: Work, working: Working, name: str) -> str:
    value = working.values.get(name)
    if name == "state":
        state = work.machine(working.document.id).states.get(str(value or ""))
        return state.title.zh if state is not None else ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value or "")


_SYSTEM_TITLES = {
    "number": Title("编号", "Number"),
    "state": Title("状态", "State"),
    "created_at": Title("登记时间", "Entered"),
    "changed_at": Title("修改时间", "Changed"),
}


def bound(work: Work, working: Working, form: PrintForm, sights: Sights) -> tuple[str, str]:
    """Digest and token of a print that has just been laid out."""
    digest = digest_of(work.unit, work.runtime.secret, sights)
    return digest, token_of(work.runtime.secret, working.document.id, str(working.values["id"]), form.id, digest)
