"""Definitions of a test behind a socket: an office over SQLite with encryption, its pages, and a way to sign in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from playwright.sync_api import Locator, Page
from werkzeug.serving import make_server

import admin
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.store import DatabaseStore
from adapters.text.pinyin import PypinyinInitials
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.web import WebSettings, create_app

PASSWORD = "Guiju-2026"


@dataclass(frozen=True)
class Served:
    """An office and the address of its pages."""

    office: Office
    address: str

    def sign_in(self, page: Page, login: str = "clerk") -> None:
        """Come in by the login page."""
        page.goto(f"{self.address}/login")
        fill_in_login(page, login)
        page.wait_for_url(f"{self.address}/")


def whole(app: WSGIApplication) -> WSGIApplication:
    """The application with answers in one piece: the server of the tests leaves a file open whose reader has gone."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        made = app(environ, start)
        try:
            return [b"".join(made)]
        finally:
            if hasattr(made, "close"):
                made.close()

    return answer


@contextmanager
def served(definitions: Mapping[str, str], folder: Path) -> Iterator[Served]:
    """Serve definitions from this process; what they keep lies in the folder."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    cipher = Sm4FieldCipher(open_key_file(folder / "fields.key"))
    store = DatabaseStore(f"sqlite:///{folder}/office.db", cipher=cipher)
    office = Office(definitions, store=store)
    office.runtime = replace(office.runtime, pinyin=PypinyinInitials())
    for actor in office.people.values():
        set_password(office.runtime, actor.id, PASSWORD)
    server = make_server("127.0.0.1", 0, whole(_pages(office)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield Served(office, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()


def _pages(office: Office) -> Flask:
    return create_app(lambda: office.runtime, WebSettings("s" * 32), faces=[admin.blueprint])


def fill_in_login(page: Page, login: str = "clerk") -> None:
    """Name and password on the login page that is open."""
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def cell(page: Page, row: int, column: int) -> Locator:
    """A drawn cell of the page's first grid, both from 0."""
    line = page.locator(f'.grid-body .grid-line[aria-rowindex="{row + 2}"]')
    return line.locator(f'[aria-colindex="{column + 2}"]')
