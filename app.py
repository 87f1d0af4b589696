"""Composition root: settings from the environment, adapters behind ports, the web application, the worker, the command.

In: `settings` out of the environment, command-line arguments. Out: a running node or an exit code. The one module that
may know every package; nothing imports it. Long because all adapters meet here and nowhere else.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

import admin
from adapters.as2.keys import PartnerKeys
from adapters.backup.presence import Presence
from adapters.clock.corrected import CorrectedClock
from adapters.clock.system import ZONE, SystemClock, TimeOrderedIds
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.crypto.passwords import Argon2Passwords
from adapters.crypto.room import CryptoFolder
from adapters.database.store import DatabaseStore
from adapters.excel.workbook import ExcelWorkbook
from adapters.files.archive import DiskArchive
from adapters.files.disk import DiskFiles
from adapters.files.licences import FileLicences
from adapters.host.linux import LinuxHost
from adapters.journal.book import JournalBook
from adapters.journal.writing import begin_journal
from adapters.notify.spool import SpoolNotifier
from adapters.pdf.later import LaterPdfWriter, LaterPress
from adapters.processes.pool import Processes
from adapters.processes.worker import give_back
from adapters.qr.segno_codes import SegnoQrCode
from adapters.scan.reader import ProcessScanReader
from adapters.text.later import LaterPinyin
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from backups import Backups
from caring import Care, arrive, enter
from engine.checks import check
from engine.commands.bearer import AtTerminal
from engine.commands.output import line
from engine.commands.verbs import main as run_command
from engine.commands.verbs import wrong_setting
from engine.console import say
from engine.loading import load
from engine.loading.folder import DiskTree
from engine.loading.nearest import nearest
from engine.model.crypto import CryptoRefused
from engine.model.devices import FoundDevice, ReplayedFrame
from engine.model.storage import Storage
from engine.model.system import Node
from engine.ports import Clock, DocumentStore, Notifier, Typesetter, Workbook
from engine.ports.partners import Play
from engine.ports.xml import Xml
from engine.problems import DefinitionError, Problem, Span
from engine.usecases.configuring import kept, node_with, signing_of
from engine.usecases.configuring import stamp as stamp_of
from engine.usecases.demo import demo_accounts, folder_of, play_demo
from engine.usecases.internal import storages as internal_storages
from engine.usecases.receiving import receive
from engine.usecases.runtime import InForce, Runtime, in_force
from engine.web import WebSettings, create_app
from partners import played
from serving import (
    CABINET_THREADS,
    THREADS,
    Stamp,
    answer,
    begin_care,
    begin_watch,
    begin_work,
    changes,
    keep_working,
    refused_to_listen,
    stamp,
)
from settings import Settings, WrongSetting
from simulating import is_cabinet, is_cut, simulate, stand
from start import without_collecting
from versions import VersionRoom
from wiring import Lines, queues_of

LOG = logging.getLogger("guiju")
PRESSES = 2
READER_MEMORY = 2 << 30


@dataclass
class Office:
    """The parts of one node, each made when it is first asked for. Implements `engine.commands`' Composition."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    problems: Sequence[Problem] = ()
    read: Stamp | None = None
    """The files of definitions as they were when they were read."""
    configured: frozenset[tuple[str, int]] = frozenset()
    """What operators had set when the node was last bound."""
    renewing: threading.Lock = field(default_factory=threading.Lock)
    presence: Presence | None = None

    @property
    def definitions(self) -> Path:
        """The folder of definitions."""
        return self.settings.definitions

    def checked(self, folder: Path | None = None) -> tuple[InForce | None, Sequence[Problem], Mapping[str, str]]:
        """Load and check a folder."""
        folder = folder or self.definitions
        if not folder.is_dir():
            return None, (Problem("SYS054", Span(".", 1, 1), {"folder": str(folder)}),), {}
        with without_collecting():
            loaded = load(DiskTree(folder))
            found = check(loaded, workbook=self.workbook(), xml=self.xml)
        return in_force(found) if found.is_sound else None, found.problems, loaded.sources

    def in_force(self) -> InForce:
        """The definitions of the folder. Raises DefinitionError."""
        self.read = stamp(self.definitions)
        force, problems, _ = self.checked()
        if force is None:
            raise DefinitionError(problems)
        self.problems = problems
        give_back()  # what files and schemas were read with, before other processes begin with it
        return force

    @cached_property
    def database(self) -> DatabaseStore:
        """The node's database, its tables as the definitions need them."""
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return DatabaseStore(self.settings.database, cipher=self.cipher)

    @cached_property
    def cipher(self) -> Sm4FieldCipher:
        """Encrypts what lies in the database and in files, with the node's keys."""
        return Sm4FieldCipher(open_key_file(self.settings.home / "keys" / "fields.key"))

    @cached_property
    def lines(self) -> Lines:
        """The channels of this node; those that have not changed keep their connections."""
        home, keys = self.settings.home, self.partner_keys
        queues = lambda url: self.database.queues() if not url else queues_of(url)  # noqa: E731 -- one expression
        return Lines(home, queues, keys, lambda: is_cut(home))

    def partner_keys(self) -> PartnerKeys:
        """Keys and certificates of partners by AS2 and AS3."""
        return PartnerKeys(self.settings.home / "keys" / "as2", self.cipher)

    def play_partner(self, play: Play, told: Callable[[str], None]) -> int:
        """Be a partner to try against. Raises ValueError, OSError, ImportError."""
        return played(self.partner_keys(), play, told)

    def crypto(self) -> CryptoFolder:
        """Providers, keys and certificates of this node; large batches are signed by as many processes as it has."""
        return self._crypto

    @cached_property
    def _crypto(self) -> CryptoFolder:
        count = len(os.sched_getaffinity(0))
        signers = Processes(count, tasks=1_000)
        keys, pool = self.settings.home / "keys", (signers.run, count) if count > 1 else None
        return CryptoFolder(keys, LxmlSignatures(), chosen=self.settings.crypto, consent=AtTerminal(), pool=pool)

    def utc(self) -> datetime:
        """The present moment, as certificates count it."""
        return datetime.now(UTC).replace(tzinfo=None)

    def node(self, force: InForce) -> Node:
        """What this installation runs. Raises DefinitionError where the definitions do not declare it."""
        name, nodes = self.settings.node, force.definitions.nodes
        if name not in nodes:
            raise DefinitionError([Problem("SYS017", Span("nodes", 1, 1), {"name": name}, nearest(name, nodes))])
        return nodes[name]

    def store(self) -> DocumentStore:
        """The node's database."""
        return self.database

    def workbook(self) -> Workbook:
        """Reads and writes spreadsheets."""
        return ExcelWorkbook()

    def xml(self, schemas: Mapping[str, str]) -> Xml:
        """Reads XML messages and judges them by schemas of the definitions."""
        return LxmlMessages({path: text for path, text in schemas.items() if path.endswith(".xsd")})

    @cached_property
    def _runtime(self) -> Runtime:
        return replace(self._built(self.in_force(), self.database), clock=self.corrected, care=self.care())

    @cached_property
    def corrected(self) -> CorrectedClock:
        """The clock of this node, as it was put right."""
        return CorrectedClock(self.settings.home / "clock.json")

    def care(self) -> Care:
        """What looks after this node: its copies, its versions and its clock."""
        return self._care

    @cached_property
    def _care(self) -> Care:
        copies, versions = self.backups(), self.versions()
        return Care(self.settings.home, self.runtime, self.corrected, copies, versions, self.settings.clock_command)

    def backups(self) -> Backups:
        """Copies of this node."""
        return self._backups

    @cached_property
    def _backups(self) -> Backups:
        told = self.settings
        return Backups(told.home, told.database, told.node, self.runtime, lambda: self.cipher, self.presence)

    def versions(self) -> VersionRoom:
        """Versions of this node."""
        return self._versions

    @cached_property
    def _versions(self) -> VersionRoom:
        told = self.settings
        return VersionRoom(told.home, told.database, told.node, self.runtime, self.crypto)

    def runtime(self) -> Runtime:
        """The runtime of this node; its tables stand. Raises DefinitionError."""
        return self._runtime

    def _built(self, force: InForce, store: DocumentStore) -> Runtime:
        home = self.settings.home
        store.apply(all_storages(force))
        self.configured, found = stamp_of(store), kept(store)
        node, signing = node_with(self.node(force), found), signing_of(found)
        if signing.provider:
            self._crypto.choose(signing.provider)
        return Runtime(
            force=force,
            node=node,
            store=store,
            files=DiskFiles(home / "files", self.cipher),
            clock=self.clock,
            ids=TimeOrderedIds(self.corrected.milliseconds),
            passwords=Argon2Passwords(),
            pdf=LaterPdfWriter(home / "fonts", self.definitions),
            qr=SegnoQrCode(),
            workbook=self.workbook(),
            pinyin=LaterPinyin(),
            notifiers=notifiers_of(node, home),
            channels=self.lines.channels(node),
            sources=self.lines.sources(node),
            services=self.lines.services(node),
            receiver=receive,
            crypto=self.crypto,
            xml=self.xml(force.schemas),
            press=LaterPress(self.processes.run, home / "fonts", self.definitions),
            scans=ProcessScanReader(self.readers.run),
            address=self.settings.address,
            secret=self.secret,
            host=self.host,
            logs=JournalBook(home / "log"),
            signing=signing,
            prober=self.lines.probe,
            licences=FileLicences(home / "Config" / "ASEUser.xml", home / "ASE_License.ase"),
            archive=DiskArchive(home / "archive", self.cipher),
            message_days=self.settings.message_days,
            keep_days=self.settings.keep_days,
            timer=time.monotonic,
        )

    @cached_property
    def host(self) -> LinuxHost:
        """The machine, as far as this node uses it."""
        return LinuxHost([self.settings.home, Path("/")], self.database.size)

    @property
    def presses(self) -> int:
        """How many batches of prints this process lays out at once: all that serve share what a node can do."""
        return max(1, PRESSES // self.settings.workers)

    @cached_property
    def processes(self) -> Processes:
        """Processes beside this one, for batches of prints; begun at first use."""
        return Processes(self.presses)

    @cached_property
    def readers(self) -> Processes:
        """A process for scans, which may be anybody's: held to its memory and time."""
        return Processes(1, tasks=8, seconds=240, memory=READER_MEMORY)

    def trial(self, force: InForce, clock: Clock, folder: Path) -> Runtime:
        """A runtime on an empty store in memory, its files in a folder, with a clock of the caller's and no machine."""
        office = Office(replace(self.settings, home=folder), clock)
        built = office._built(force, import_module("engine.testing.memory").MemoryStore())
        return replace(built, host=None, passwords=Argon2Passwords(passes=1, memory_kib=64, lanes=1))

    @cached_property
    def secret(self) -> bytes:
        """The key of sessions and tokens, made at first start and kept beside the database."""
        path = self.settings.home / "keys" / "session.key"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(32))
            fresh.rename(path)
        return path.read_bytes()

    def reload(self) -> None:
        """Put changed definitions in force; with errors the last good ones stay, and the problems are shown."""
        force, self.problems, _ = self.checked()
        if force is not None:
            try:
                self.node(force)
            except DefinitionError as error:
                self.problems = error.problems
                return
            self.database.apply(all_storages(force))
            self._renew(force)

    def refresh(self) -> None:
        """Take what operators have set since; every process asks for itself."""
        if stamp_of(self.database) != self.configured:
            self._renew()

    def _renew(self, force: InForce | None = None) -> None:
        """Bind the node anew, by these definitions or those in force, as operators set it."""
        with self.renewing:
            self.configured = stamp_of(self.database)
            runtime, found = self._runtime, kept(self.database)
            force = force or runtime.force
            node = node_with(self.node(force), found)
            fresh = replace(runtime, force=force, node=node, signing=signing_of(found))
            channels, sources = self.lines.channels(node), self.lines.sources(node)
            fresh = replace(fresh, channels=channels, sources=sources, services=self.lines.services(node))
            self._crypto.choose(fresh.signing.provider or self.settings.crypto)
            self.__dict__["_runtime"] = replace(fresh, notifiers=notifiers_of(node, self.settings.home))
        LOG.info("the node is bound anew", extra={"about": {"node": node.id}})

    def web(self) -> Flask:
        """The web application over this node."""
        settings = WebSettings(self.secret.hex(), secure=self.settings.https, proxies=self.settings.proxies)
        web = create_app(self.runtime, settings, problems_source=lambda: self.problems, faces=[admin.blueprint])
        web.wsgi_app = self.lines.door(web.wsgi_app, self.runtime)  # type: ignore[method-assign]
        return web

    def typesetter(self, folder: Path) -> Typesetter:
        """Lays out the prints of a folder of definitions."""
        fonts = import_module("adapters.pdf.fonts").FontCache(self.settings.home / "fonts")
        made: Typesetter = import_module("adapters.pdf.weasyprint").WeasyPdfWriter(fonts, folder)
        return made

    def changes(self, folder: Path) -> Iterator[None]:
        """One item each time a file of a folder has changed."""
        return changes(folder)

    def play_demo(self) -> Sequence[tuple[str, str, str]]:
        """Fill an empty database with the demo data of the definitions; the accounts of it that still open."""
        runtime, folder = self.runtime(), folder_of(self.definitions, self.settings.node)
        begin_journal(self.settings.home / "log", ZoneInfo(ZONE))
        played = play_demo(runtime, folder, line)
        if played:
            line(say("run.played", count=played))
        return demo_accounts(runtime, folder)

    def bench(self, name: str) -> int | None:
        """Run a bench of the source tree as a program of its own."""
        path = Path(__file__).parent / "tests" / "bench" / f"bench_{name}.py"
        if not name.isidentifier() or not path.exists():
            return None
        return subprocess.run([sys.executable, str(path)], check=False).returncode  # noqa: S603 -- our own program

    def refused_to_listen(self, host: str, port: int) -> str:
        """Why nobody could listen there: somebody else does, or it is no address of this machine; else empty."""
        return refused_to_listen(host, port)

    def serve(self, host: str, port: int, *, works: bool = True) -> int:
        """Run the web server until it is stopped; its processes do the work of a worker too, unless told not to."""
        self._make_fonts()
        os.environ["GUIJU_HOST"], os.environ["GUIJU_PORT"] = host, str(port)
        self.settings = Settings.of(os.environ)
        self.__dict__["_runtime"] = replace(self.runtime(), address=self.settings.address)
        self._before_processes()
        one = is_cabinet(self.runtime().node)
        workers, threads = (1, CABINET_THREADS) if one else (self.settings.workers, THREADS)
        stand(self.runtime().node, self.settings.home)
        answer(host, port, workers, lambda: self._serving(works=works), threads)
        return 0

    def work(self) -> int:
        """Run worker processes alone until they are stopped."""
        self._make_fonts()
        self.runtime()
        self._before_processes()
        keep_working(self, self.settings.workers)
        return 0

    def _serving(self, *, works: bool) -> Flask:
        """What a web process runs: the application, and beside it the watch over the definitions, its worker and what
        stands beside a node with devices."""
        web = self.web()
        if is_cabinet(self.runtime().node):
            import_module("cabinets").begin(web, self.runtime, self.settings.home, self.know)
        if works:
            begin_work(self)
        begin_watch(self)
        begin_care(self.care(), self.settings.host, self.settings.port)
        return web

    def know(self, **found: object) -> None:
        """Put what is known now into the runtime."""
        with self.renewing:
            self.__dict__["_runtime"] = replace(self._runtime, **found)  # type: ignore[arg-type]

    def simulate_devices(self, told: Callable[[str], None]) -> int:
        """Run the simulated devices of this node until it is stopped. Raises ValueError, OSError."""
        return simulate(self.node(self.in_force()), self.settings.home, told)

    def _make_fonts(self) -> None:
        """Fonts for prints are made beside a node that begins; with a touch screen they are made at its first print."""
        if self.runtime().node.kiosk is None:
            import_module("adapters.pdf.fonts").FontCache(self.settings.home / "fonts").start()

    def _before_processes(self) -> None:
        """No connection may cross into processes that begin with what is loaded here."""
        begin_journal(self.settings.home / "log", ZoneInfo(ZONE))
        LOG.info("the node begins", extra={"about": {"node": self.settings.node}})
        self.database.close()
        self._try_signing()

    def _try_signing(self) -> None:
        """Ask whoever signs the questions of every start; with wrong answers the node runs and signs nothing."""
        try:
            self.crypto().provider()
        except CryptoRefused as refused:
            LOG.error("nothing will be signed: %s", refused)  # noqa: TRY400 -- it says all there is

    def replay(self, path: Path, today: date) -> Sequence[ReplayedFrame]:
        """Run the worked frames of devices in a file. Raises OSError, ValueError where it holds none."""
        done: Sequence[ReplayedFrame] = import_module("adapters.devices.replay").replay(path, today)
        return done  # protocols of devices cost every other start what only this verb needs

    def find_devices(self, ports: Sequence[str], within: float) -> Sequence[FoundDevice]:
        """What answers on these serial ports, or on all that there are."""
        found: Sequence[FoundDevice] = import_module("adapters.devices.looking").found(ports, within)
        return found

    def serve_signatures(self, host: str, port: int) -> int:
        """Run this node's signature server until it is stopped. Refuses `unable` where nobody may ask."""
        application = self.crypto().server()
        answer(host, port, self.settings.workers, lambda: application)
        return 0


def all_storages(force: InForce) -> Sequence[Storage]:
    """What the store must keep: declared document types and the engine's own."""
    return [*internal_storages(), *(program.storage for program in force.programs.values())]


def notifiers_of(node: Node, home: Path) -> Mapping[str, Notifier]:
    """The ways of notices that a node binds."""
    return {name: SpoolNotifier(home / "spool" / f"{name}.txt") for name in node.ways}


def main(arguments: Sequence[str] | None = None) -> int:
    """The `guiju` command. What it writes is for the account that runs it alone."""
    os.umask(0o077)
    try:
        settings = Settings.of(os.environ)
        enter(settings.home, sys.argv[1:] if arguments is None else arguments)
        settings = Settings.of(os.environ)
    except WrongSetting as wrong:
        return wrong_setting(wrong.about)
    presence = arrive(settings.home, settings.database)
    return run_command(Office(settings, presence=presence), arguments)
