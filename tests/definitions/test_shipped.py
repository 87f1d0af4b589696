"""The definitions that are shipped: no problem at load, whole lists, demo data that fills an office.

Their scenarios, and that these leave nothing unshown, are what `guiju test --whole` judges; `make check` runs it.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.criteria import Selection
from engine.model.crypto import KeyKind
from engine.testing.memory import MemoryStore
from engine.testing.office import CountedIds, Files, Letters, Pdf, PlainPasswords, Qr
from engine.testing.outside import Outside
from engine.testing.scenarios import SetClock
from engine.usecases.accounts import actor_of, must_choose, set_password
from engine.usecases.deliver import deliver_due
from engine.usecases.demo import play_demo
from engine.usecases.internal import storages
from engine.usecases.receiving import receive
from engine.usecases.runtime import Runtime
from tests.definitions.shipped import FOLDER, checked, force

FILLED = {
    "person": 300,
    "certificate": 630,
    "exit_form": 150,
    "consent_letter": 30,
    "package": 6,
    "filing_batch": 9,
    "alarm": 15,
}
FILLED |= {"import_order": 12, "import_list": 9, "export_list": 5, "commodity": 6, "tax_bill": 1}
FILLED |= {"recall": 10, "put_take": 60, "virtual_drawer": 150, "history_import": 4, "inquiry": 6}


@cache
def room() -> CryptoFolder:
    """The node's keys: what must be signed is signed, and judged by its schema."""
    found = CryptoFolder(Path(mkdtemp()), LxmlSignatures())
    found.desk.create("enterprise", KeyKind.SM2)
    return found


def make(clock):
    store = MemoryStore()
    store.apply([*storages(), *(program.storage for program in force().programs.values())])
    return Runtime(
        receiver=receive,
        xml=LxmlMessages(force().schemas),
        crypto=room,
        force=force(),
        node=force().definitions.nodes["demo"],
        store=store,
        files=Files(),
        clock=clock,
        ids=CountedIds(),
        passwords=PlainPasswords(),
        pdf=Pdf(),
        qr=Qr(),
        workbook=None,
        pinyin=Letters(),
        secret=b"test",
    )


def test_there_is_no_problem():
    assert [f"{p.where} {p.code} {dict(p.values)}" for p in checked().problems] == []


def test_code_lists_are_whole():
    codes = force().definitions.codes
    assert len(codes["nations"].by_code) == 56
    assert len(codes["destinations"].by_code) >= 40
    assert set(codes["destinations"].by_code) | {"CHN"} == set(codes["countries"].by_code)
    types = set(codes["certificate_types"].by_code)
    assert {entry.columns["certificate"] for entry in codes["destinations"].entries} == types
    kinds = set(codes["document_kinds"].by_code)
    assert {kind for entry in codes["destinations"].entries for kind in entry.columns["document_kinds"]} == kinds


def test_roles_can_be_given_to_users():
    roles = {role for system in force().definitions.systems.values() for role in system.roles}
    assert roles == set(force().definitions.codes["roles"].by_code)


def nobody_is_asked_for_a_password_of_his_own(runtime):
    """Accounts of the demo data keep theirs, until somebody gives them another one."""
    with runtime.store.begin(write=False) as unit:
        accounts = unit.select(Selection("user", limit=100))
    actors = [actor_of(runtime, account.id) for account in accounts if account.values["password"]]
    assert len(actors) > 20
    assert not any(must_choose(runtime, actor) for actor in actors)
    set_password(runtime, actors[0].id, "Given-2026!")
    assert must_choose(runtime, actors[0])


def test_demo_data_fills_an_office():
    runtime = Outside().around(make(SetClock(datetime(2026, 5, 6, 9))))
    assert play_demo(runtime, FOLDER / "demo", lambda text: None) > 300
    assert play_demo(runtime, FOLDER / "demo", lambda text: None) == 0
    nobody_is_asked_for_a_password_of_his_own(runtime)
    while deliver_due(runtime):
        pass
    assert runtime.store.effects(state="failed") == []
    with runtime.store.begin(write=False) as unit:
        found = {
            document: [one.values["state"] for one in unit.select(Selection(document, limit=2000))]
            for document in FILLED
        }
    assert {document: len(states) for document, states in found.items() if len(states) < FILLED[document]} == {}
    for document in ("exit_form", "filing_batch", "inquiry", "history_import"):
        assert set(found[document]) == set(force().definitions.machines[document].states)
