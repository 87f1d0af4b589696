"""The lint of prints: the fullest data, and where they go wrong on paper; the shipped prints hold them."""

from pathlib import Path

import pytest

from adapters.pdf.fonts import FontCache
from adapters.pdf.weasyprint import WeasyPdfWriter
from engine.checks import check
from engine.loading import DiskTree, MemoryTree, load
from engine.printing.lint import lint_prints, placed
from engine.testing.office import BASE

ROOT = Path(__file__).parents[3]
FIELDS = """document: note
title: 便条
number: "N{seq:04}"
fields:
  name: {title: 姓名, type: text, max: 45}
  body: {title: 内容, type: long_text, max: 4000}
  role: {title: 角色, type: code, in: roles}
  lines: {title: 行, type: table, rows: {max: 30}, fields: {what: {title: 字, type: text, max: 30}}}
"""
MACHINE = """machine: note
states: {open: {title: 开}, shut: {title: 关, final: true}}
events:
  enter: {title: 新建, from: new, to: open, by: clerk}
  close: {title: 关, from: open, to: shut, by: clerk}
"""


@pytest.fixture(scope="module")
def typesetter():
    return WeasyPdfWriter(FontCache(ROOT / "var" / "cache" / "fonts"), ROOT / "definitions")


REVIEWED = """machine: note
states: {open: {title: 开}, asked: {title: 审, approval: review}, shut: {title: 关, final: true}}
events:
  enter: {title: 新建, from: new, to: open, by: clerk}
  submit: {title: 报, from: open, to: asked, by: clerk}
  agree: {title: 同意, from: asked, to: shut, by: approval}
  refuse: {title: 不同意, from: asked, to: open, by: approval}
approvals:
  review: {agreed: agree, refused: refuse, steps: [{id: all, title: 会签, who: role leader in user.org, sign: all}]}
"""


def found(typesetter, html: str, css: str = "", machine: str = MACHINE):
    files = {
        "desk/note/document.yaml": FIELDS,
        "desk/note/machine.yaml": machine,
        "desk/note/access.yaml": 'access:\n  clerk: {read: "*", create: true, events: "*", print: "*"}\n',
        "desk/note/prints/slip.yaml": 'print: slip\ntitle: 条\ndocument: note\ntemplate: slip.html\nqr: "{number}"\n',
        "desk/note/prints/slip.html": html,
        "desk/note/prints/slip.css": css,
    }
    checked = check(load(MemoryTree({**BASE, **files})))
    assert checked.is_sound, checked.problems
    problems = lint_prints(checked.definitions, typesetter)
    return [(one.code, one.where.file, one.where.line, one.where.column) for one in problems]


SLIP = "desk/note/prints/slip.html"


def test_a_name_that_does_not_fit_its_cell_is_told_at_its_tag(typesetter):
    html = '<table>\n<tr><th>姓名</th>\n  <td class="nowrap">{{ name }}</td></tr>\n</table>'
    assert found(typesetter, html) == [("PRT040", SLIP, 3, 3)]


def test_all_that_a_real_print_knows_is_there(typesetter):
    html = "<p>{{ today | date_zh }} {{ user }} {{ user.org.name }}</p>"
    html += "{% for one in role.all %}<p>{{ role | tick(one) }}{{ one.title }}</p>{% endfor %}"
    assert found(typesetter, html) == []


def test_signatures_of_every_step_stand_at_their_longest(typesetter):
    cells = "<td>{{ one.step }}</td><td>{{ one.signer }}{{ one.decision }}</td><td>{{ one.at | datetime }}</td>"
    table = "<table>\n{% for one in signatures %}<tr>CELLS{{ one.opinion }}</td></tr>{% endfor %}</table>"
    assert found(typesetter, table.replace("CELLS", f"{cells}<td>"), machine=REVIEWED) == []
    wide = table.replace("CELLS", '<td class="nowrap">')
    assert found(typesetter, wide, machine=REVIEWED) == [("PRT040", SLIP, 2, 32)]


def test_a_text_beyond_the_page_is_told(typesetter):
    assert found(typesetter, '<p>ok</p>\n<p class="nowrap">{{ name }}{{ name }}</p>') == [("PRT040", SLIP, 2, 1)]


def test_a_text_that_is_pushed_off_the_sheet_is_told(typesetter):
    html = '<p class="far">{{ name }}</p>'
    assert found(typesetter, html, ".far { margin-left: -40mm }") == [("PRT040", SLIP, 1, 1)]


def test_a_row_higher_than_a_page_is_told(typesetter):
    html = "<table>\n<tr><td>{{ body | lines }}</td></tr></table>"
    assert ("PRT041", SLIP, 2, 1) in found(typesetter, html)


def test_thirty_rows_with_their_head_on_every_page_are_sound(typesetter):
    html = (
        '<table class="list"><thead><tr><th>字</th></tr></thead><tbody>'
        "{% for line in lines %}<tr><td>{{ line.what }}</td></tr>{% endfor %}</tbody></table><p>{{ body | lines }}</p>"
    )
    assert found(typesetter, html) == []


def test_a_block_that_is_kept_together_may_not_be_higher_than_a_page(typesetter):
    assert ("PRT041", SLIP, 1, 1) in found(typesetter, '<div class="keep">{{ body | lines }}{{ body | lines }}</div>')


def test_a_sign_that_no_font_draws_is_told(typesetter, monkeypatch):
    monkeypatch.setattr(typesetter, "missing_glyphs", lambda text: {"䶮"} & set(text))
    assert found(typesetter, "<p>a</p>\n<p>{{ name }}</p>") == [("PRT042", SLIP, 2, 1)]


def test_a_picture_that_is_not_there_is_told(typesetter):
    assert found(typesetter, '<p>a</p><img src="none.png">') == [("PRT043", SLIP.replace("html", "yaml"), 1, 1)]


def test_places_are_written_into_tags_alone():
    assert placed('<p>{% if a < b %}\n <br>{{ "<b>" }}</p>') == (
        '<p data-at="1:1">{% if a < b %}\n <br data-at="2:2">{{ "<b>" }}</p>'
    )


def test_the_shipped_prints_hold_the_fullest_data(typesetter):
    checked = check(load(DiskTree(ROOT / "definitions")))
    assert checked.is_sound
    assert list(lint_prints(checked.definitions, typesetter)) == []
