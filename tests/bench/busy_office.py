"""The shipped definitions with demo data and more: an account for each busy person, and forms that each of them keeps.

In: settings of the environment, how many people. Out: what the load needs to know of them. Everything goes through the
use cases, past the web server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import app
from adapters.crypto.passwords import Argon2Passwords
from engine.model.criteria import Compare, Selection
from engine.model.records import Record
from engine.usecases.accounts import let_given_stand, log_in
from engine.usecases.events import raise_event
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest

PASSWORD = "Guiju-2026!"
CLERKS = ("clerk", "clerk_health", "clerk_school")
FORMS_EACH = 2
Person = dict[str, Any]


def furnish(environment: Mapping[str, str], people: int) -> list[Person]:
    """Fill the node's database; login, password and the ids of the forms of each person."""
    office = app.Office(app.Settings.of(environment))
    office.play_demo()
    runtime = replace(office.runtime(), passwords=Argon2Passwords(passes=1, memory_kib=64, lanes=1))
    admin = log_in(runtime, "admin", PASSWORD, "127.0.0.1")
    made: list[Person] = []
    for number, clerk in enumerate(CLERKS):
        actor = log_in(runtime, clerk, PASSWORD, "127.0.0.1")
        count = len(range(number, people, len(CLERKS)))
        forms = _forms(runtime, actor, count * FORMS_EACH)
        for place in range(count):
            login = f"busy_{number}_{place}"
            _account(runtime, admin, actor, login)
            own = forms[place * FORMS_EACH : (place + 1) * FORMS_EACH]
            made.append({"login": login, "password": PASSWORD, "own": own})
    let_given_stand(runtime)
    office.database.close()
    return made


def _account(runtime: Runtime, admin: Actor, like: Actor, login: str) -> None:
    raw = {"login": login, "password": PASSWORD, "name": login, "roles": list(like.roles), "org": like.org}
    raise_event(runtime, admin, EventRequest("user", "enter", raw=raw))


def _forms(runtime: Runtime, clerk: Actor, count: int) -> list[str]:
    """Drafts of a clerk for people of the clerk's organisation, on different days."""
    with runtime.store.begin(write=False) as unit:
        where = Compare(("org",), "==", clerk.org)
        persons: list[Record] = [
            one for one in unit.select(Selection("person", where, limit=200)) if one.values["state"] == "filed"
        ]
    today, made = runtime.clock.now().date(), list[str]()
    for number in range(count):
        starts = today + timedelta(days=100 + number // len(persons))
        raw = {
            "applicant": persons[number % len(persons)].id, "MDD": ("ISL", "JPN", "KOR")[number % 3],
            "CFSJ": starts.isoformat(), "FHSJ": (starts + timedelta(days=4)).isoformat(),
            "purpose": "study", "cause": "短期语言进修",
        }  # fmt: skip
        made.append(raise_event(runtime, clerk, EventRequest("exit_form", "enter", raw=raw)).record_id)
    return made
