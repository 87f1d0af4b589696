"""Texts of data that another field says in English: shown to who reads English, wherever the text is."""

import pytest

from engine.checks import check
from engine.loading import load
from engine.loading.folder import MemoryTree
from engine.testing.office import BASE, Office
from engine.usecases.desk import CHANGE
from engine.usecases.forms import open_form
from engine.usecases.free_pages import open_page
from engine.usecases.listing import list_documents
from engine.usecases.reading import read_document
from engine.usecases.views import ListRequest

BOX = """document: box
title: 箱
label: label
fields:
  row: {title: 行, type: integer, required: true}
  label: {title: 位置, type: text, value: "text('第{}行', row)", english: label_en}
  label_en: {title: 位置（英文）, type: text, value: "text('Row {}', row)", show: false}
  note: {title: 说明, type: text, english: note_en}
  note_en: {title: 说明（英文）, type: text}
"""
THING = """document: thing
title: 物
label: name
fields:
  name: {title: 名, type: text}
  box: {title: 箱, type: ref, to: box}
"""
PAGE = """page: shown
title: 看
roles: [clerk, leader]
body:
  - {table: box, columns: [label, note]}
  - {table: thing, columns: [name, box, box.label]}
  - {board: box, per: row, as: label}
"""
FILES = {
    "desk/box/document.yaml": BOX,
    "desk/box/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*'}, leader: {read: [row, label, note]}}",
    "desk/thing/document.yaml": THING,
    "desk/thing/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*'}, leader: {read: '*'}}",
    "desk/pages/shown.yaml": PAGE,
}


@pytest.fixture(scope="module")
def office():
    made = Office(FILES)
    box = made.engine("box", {"row": 3, "note": "空", "note_en": "empty"})
    made.engine("box", {"row": 4, "note": "满"})
    made.engine("thing", {"name": "甲", "box": box})
    made.box = box
    return made


def cells(office, who, language):
    reader = office.with_language(who, language)
    body = open_page(office.runtime, reader, "shown", {}).body
    boards = [[row.label for row in rows] for _, rows in body[2].part.groups]
    return [[[cell.text for cell in row.cells] for row in one.part.rows] for one in body[:2]], boards


def test_pages_speak_english_where_there_is_a_text(office):
    tables, boards = cells(office, "clerk", "en")
    assert tables == [[["Row 3", "empty"], ["Row 4", "满"]], [["甲", "Row 3", "Row 3"]]]
    assert boards == [["Row 3"], ["Row 4"]]
    tables, boards = cells(office, "clerk", "zh")
    assert tables == [[["第3行", "空"], ["第4行", "满"]], [["甲", "第3行", "第3行"]]]
    assert boards == [["第3行"], ["第4行"]]


def test_who_may_not_see_the_english_sees_the_text(office):
    assert cells(office, "leader", "en") == cells(office, "leader", "zh")


def test_lists_and_documents_do_so_too_and_forms_hold_what_is_kept(office):
    reader = office.with_language("clerk", "en")
    found = list_documents(office.runtime, reader, ListRequest("box", sort="row", columns=("label", "note")))
    assert [[row["label"].text, row["note"].text] for row in found.rows] == [["Row 3", "empty"], ["Row 4", "满"]]
    view = read_document(office.runtime, reader, "box", office.box)
    assert view.label == "Row 3"
    assert "empty" in [text for _, text in view.summary]
    form = open_form(office.runtime, reader, "box", CHANGE, office.box)
    fields = {one.name: one for section in form.sections for one in section.fields}
    assert (fields["note"].text, fields["note"].editable) == ("空", True)


@pytest.mark.parametrize(
    ("english", "codes"), [("nothing", {"REF002"}), ("row", {"DOC006"}), ("label_en", set())], ids=str
)
def test_only_a_text_beside_it_says_the_same(english, codes):
    files = {**BASE, **FILES, "desk/box/document.yaml": BOX.replace("english: label_en", f"english: {english}")}
    found = {one.code for one in check(load(MemoryTree(files))).problems if one.severity.value == "error"}
    assert found == codes
