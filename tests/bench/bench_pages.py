"""The form of a document with sixty fields, generated, against the same page written by hand in Jinja.

Both are served by Flask in this process through the same session, rights and layout; the peer's view knows its sixty
fields, reads the record with one call and fills a template that somebody wrote for it. Processor time is counted, so
that what else the machine does falls on nobody; rounds are interleaved and medians compared. Also a form with 5,000
rows, and a list of fifty. Run as a program it prints a table.
"""

import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flask import Flask, render_template
from jinja2 import ChoiceLoader, DictLoader

from engine.testing.office import Office
from engine.usecases import reading
from engine.usecases.accounts import set_password
from engine.web import WebSettings, create_app
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime

KINDS = ("text", "integer", "money", "date", "code kinds", "boolean")
COUNT = 60
BAR = 2.0
ROUNDS = 31
FIELDS = [(f"f{number}", KINDS[number % len(KINDS)]) for number in range(COUNT)]
SAMPLES = {"text": "甲", "integer": "7", "money": "12.50", "date": "2026-05-06", "code kinds": "b", "boolean": "true"}
PASSWORD = "Guiju-2026"

DEFINITIONS = {
    "desk/codes/kinds.csv": "code,title\na,一\nb,二\nc,三\n",
    "desk/sheet/document.yaml": "document: sheet\ntitle: 表\nfields:\n"
    + "".join(f"  {name}: {{title: 项目{name}, type: {kind}}}\n" for name, kind in FIELDS),
    "desk/sheet/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
    "desk/rows/document.yaml": "document: rows\ntitle: 行\nfields:\n  name: {title: 名称, type: text}\n  lines:\n"
    "    title: 明细\n    type: table\n    fields:\n"
    + "".join(f"      c{number}: {{title: 列{number}, type: text}}\n" for number in range(12)),
    "desk/rows/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}


def by_hand() -> str:
    """The template that somebody would write for these sixty fields."""
    lines = []
    for name, kind in FIELDS:
        given = f'name="v.{name}" id="f-{name}" aria-describedby="f-{name}-told" autocomplete="off"'
        if kind == "code kinds":
            options = "".join(
                f'<option value="{code}"{{% if r["{name}"] == "{code}" %}} selected{{% endif %}}>{title}</option>'
                for code, title in (("a", "一"), ("b", "二"), ("c", "三"))
            )
            control = f'<select class="input" {given}><option value="">请选择</option>{options}</select>'
        elif kind == "boolean":
            control = f'<input type="checkbox" {given} value="true"{{% if r["{name}"] %}} checked{{% endif %}}>'
        else:
            control = f'<input class="input" {given} value="{{{{ r["{name}"] or "" }}}}">'
        lines.append(
            f'<div class="field" data-field="{name}"><label class="label" for="f-{name}">项目{name}</label>{control}'
            f'<div class="told" id="f-{name}-told" aria-live="polite"></div></div>'
        )
    return (
        '{% extends "layout.html" %}{% block title %}表{% endblock %}{% block content %}<form method="post">'
        '<input type="hidden" name="csrf_token" value="{{ csrf_token() }}"><div class="form-grid">'
        + "\n".join(lines)
        + '</div><button class="button primary">保存</button></form>{% endblock %}'
    )


@signed_in
def peer_page(record_id: str) -> str:
    """The view that somebody would write behind the same door: read the record, fill the template."""
    record = reading.record_json(runtime(), actor(), "sheet", record_id)
    return render_template("by_hand.html", r=record)


class Row(NamedTuple):
    """One page: milliseconds of ours and of the peer's, the ratio and what it may be at most."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


class Site:
    """An office with a record of each kind, its pages and the page by hand, seen by a signed-in clerk."""

    def __init__(self) -> None:
        office = Office(DEFINITIONS)
        set_password(office.runtime, office.people["clerk"].id, PASSWORD)
        values = {name: SAMPLES[kind] for name, kind in FIELDS}
        self.sheet = office.raise_("clerk", "enter", "sheet", **values).record_id
        for _ in range(49):
            office.raise_("clerk", "enter", "sheet", **values)
        lines = [{f"c{column}": f"{row}-{column}" for column in range(12)} for row in range(5000)]
        self.rows = office.raise_("clerk", "enter", "rows", name="多", lines=lines).record_id
        app = create_app(lambda: office.runtime, WebSettings("s" * 32))
        self._add_peer(app)
        self.client = app.test_client()
        token = re.search(r'csrf-token" content="([^"]+)"', self.client.get("/login").text)
        assert token is not None
        form = {"login": "clerk", "password": PASSWORD, "csrf_token": token[1]}
        assert self.client.post("/login", data=form).status_code == 302

    def _add_peer(self, app: Flask) -> None:
        assert app.jinja_loader is not None
        app.jinja_loader = ChoiceLoader([DictLoader({"by_hand.html": by_hand()}), app.jinja_loader])
        app.add_url_rule("/by-hand/<record_id>", view_func=peer_page)

    def spent(self, address: str) -> float:
        """Milliseconds of processor time of one request."""
        begin = time.process_time()
        answer = self.client.get(address)
        spent = time.process_time() - begin
        assert answer.status_code == 200, answer.status
        return spent * 1000


def compared(name: str, ours: Callable[[], float], peer: Callable[[], float], bar: float) -> Row:
    """Medians of interleaved rounds; the first warms up."""
    rounds = [(ours(), peer()) for _ in range(ROUNDS + 1)][1:]
    mine, theirs = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Row(name, mine, theirs, statistics.median(a / b for a, b in rounds), bar)


def run() -> list[Row]:
    """All comparisons. Pages that have no peer are held to a limit in milliseconds."""
    site = Site()
    change, hand = f"/d/sheet/{site.sheet}/do/change", f"/by-hand/{site.sheet}"
    form = compared("form of 60 fields", lambda: site.spent(change), lambda: site.spent(hand), BAR)
    many = statistics.median(site.spent(f"/d/rows/{site.rows}/do/change") for _ in range(3))
    listed = statistics.median(site.spent("/d/sheet") for _ in range(5))
    return [
        form,
        Row("form with 5,000 rows of 12", many, 2000, many / 2000, 1.0),
        Row("list of 50", listed, 1500, listed / 1500, 1.0),
    ]


def test_generated_pages_are_fast_enough() -> None:
    for row in run():
        assert row.ratio <= row.bar, row


def main() -> None:
    """Print the table."""
    lines = [f"{'':28}{'ours ms':>10}{'peer ms':>10}{'ratio':>8}{'bar':>6}"]
    lines += [f"{row.name:28}{row.ours:10.2f}{row.peer:10.2f}{row.ratio:8.2f}{row.bar:6.1f}" for row in run()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
