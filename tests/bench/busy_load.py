"""Busy people at the pages: a closed loop of sessions, each with its own account, that think between two requests.

In: as JSON on standard input, the address, accounts with the forms each of them keeps, seconds of warming up and of
measuring. Out: a line when measuring begins, then as JSON what was asked, milliseconds, status of each request. Runs as
a program of its own, so that it
shares no interpreter with the server: `python tests/bench/busy_load.py`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

import lxml.html

MIX = {"list": 60, "form": 25, "save": 10, "detail": 5}
THINKS = (1.0, 3.0)
LOGINS = 4
BEGUN = "measuring\n"
FILTERS = (
    {"f.MDD": "ISL", "f.state": "draft"}, {"f.state": "draft"}, {"f.state": "reviewing"}, {"f.MDD": "JPN"},
    {"f.XM": "温"}, {"f.CFSJ.from": "2026-01-01", "f.state": "draft"}, {"sort": "CFSJ", "f.state": "draft"},
)  # fmt: skip
LIST = "/d/exit_form"
Fields = dict[str, str]


class Session(threading.Thread):
    """One person in one browser: logs in, then lists, opens forms, saves them and looks at documents."""

    def __init__(self, address: str, login: str, password: str, own: Sequence[str], seed: int) -> None:
        super().__init__(daemon=True)
        self.own, self.dice, self.cookie, self.form = own, random.Random(seed), "", ("", {})  # noqa: S311 -- dice
        self.login, self.password = login, password
        self.connection = HTTPConnection(*address.removeprefix("http://").split(":"), timeout=60)
        self.until, self.told = 0.0, list[tuple[str, float, float, int]]()

    def enter(self) -> None:
        """Log in. Raises AssertionError when refused."""
        token = re.search(r'csrf-token" content="([^"]+)"', self.ask("login", "GET", "/login")[1])
        assert token is not None
        given = {"login": self.login, "password": self.password, "csrf_token": token[1]}
        status, _ = self.ask("login", "POST", "/login", given)
        assert status == 302, status
        self.told.clear()
        self.connection.close()  # the server would not keep it open until the last one is in

    def run(self) -> None:
        """Work until the time is over."""
        time.sleep(self.dice.uniform(0, THINKS[1]))
        while time.monotonic() < self.until:
            self.step(self.dice.choices(list(MIX), list(MIX.values()))[0])
            time.sleep(self.dice.uniform(*THINKS))

    def step(self, what: str) -> None:
        """One thing that people do. What is saved was opened before."""
        if what == "list":  # choosing a filter replaces the rows; every third time the whole page is opened
            part = self.dice.random() < 2 / 3
            self.ask("rows" if part else "list", "GET", f"{LIST}?{urlencode(self.dice.choice(FILTERS))}", part=part)
        elif what == "detail":
            self.ask("detail", "GET", f"{LIST}/{self.dice.choice(self.own)}")
        elif what == "form" or not self.form[0]:
            self.open(f"{LIST}/{self.dice.choice(self.own)}/do/change")
        else:
            (where, fields), self.form = self.form, ("", {})
            self.ask("save", "POST", where, {**fields, "v.companions": f"同行 {self.dice.randrange(10**6)}"})

    def open(self, where: str) -> None:
        """Open a form and keep what it would send."""
        status, page = self.ask("form", "GET", where)
        forms = lxml.html.fromstring(page).forms if status == 200 else ()
        found = [form for form in forms if "v.companions" in form.fields]
        self.form = (where, dict(found[0].form_values())) if found else ("", {})

    def ask(
        self, what: str, method: str, where: str, given: Fields | None = None, part: bool = False
    ) -> tuple[int, str]:
        """Status and text of an answer; how long it took is kept."""
        headers = {"Cookie": self.cookie, **({"HX-Request": "true"} if part else {})}
        if given is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begin = time.perf_counter()
        try:
            self.connection.request(method, where, urlencode(given) if given is not None else None, headers)
            answer = self.connection.getresponse()
            status, text = answer.status, answer.read().decode()
            self.cookie = (answer.headers["Set-Cookie"] or self.cookie).partition(";")[0]
        except (OSError, HTTPException):
            self.connection.close()
            status, text = 599, ""
        self.told.append((what, time.monotonic(), (time.perf_counter() - begin) * 1000, status))
        return status, text


def play(address: str, people: Sequence[Mapping[str, object]], warm: float, seconds: float) -> list[Sequence[object]]:
    """Requests answered while it was measured: what, milliseconds, status."""
    sessions = [Session(address, seed=place, **one) for place, one in enumerate(people)]  # type: ignore[arg-type]
    with ThreadPoolExecutor(LOGINS) as entering:
        list(entering.map(Session.enter, sessions))
    begin = time.monotonic() + warm
    for session in sessions:
        session.until = begin + seconds
        session.start()
    time.sleep(warm)
    sys.stdout.write(BEGUN)
    sys.stdout.flush()
    for session in sessions:
        session.join()
    return [(what, spent, status) for one in sessions for what, at, spent, status in one.told if at >= begin]


if __name__ == "__main__":
    json.dump(play(**json.load(sys.stdin)), sys.stdout)
