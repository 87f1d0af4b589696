"""Codes are called in the language of who reads them, and found by either name."""

from dataclasses import replace

import pytest

from engine.testing.office import Office
from engine.usecases.choosing import options
from engine.usecases.code_titles import code_title
from engine.usecases.reading import read_document
from engine.usecases.wording_cells import choices

FILES = {
    "desk/codes/roads.csv": "code,title,en\nn,北街,North Street\ns,南街,\n",
    "desk/visit/document.yaml": """document: visit
title: 走访
fields:
  road: {title: 路, type: code, in: roads}
  said: {title: 说明, type: text, value: road.title}
  far: {title: 远, type: boolean}
""",
    "desk/visit/machine.yaml": """machine: visit
states: {made: {title: {zh: 已记, en: Made}, final: true}}
events: {enter: {title: 记, from: new, to: made, by: clerk}}
""",
    "desk/visit/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
}


@pytest.fixture
def office():
    return Office(FILES)


def titles(office, language, text=""):
    actor = replace(office.people["clerk"], language=language)
    return [one.title for one in options(office.runtime, actor, "visit", ("road",), text)]


def test_choices_speak_the_language_of_the_reader(office):
    assert titles(office, "zh") == ["北街", "南街"]
    assert titles(office, "en") == ["North Street", "南街"]
    field = office.runtime.definitions.documents["visit"].fields["road"]
    assert [title for _, title in choices(office.runtime, field, "en")] == ["North Street", "南街"]


@pytest.mark.parametrize("text", ["north", "street", "北", "n"])
def test_a_code_is_found_by_either_name(office, text):
    assert titles(office, "en", text)[0] == "North Street"


def test_a_document_shows_the_title_and_keeps_its_own_words(office):
    made = office.raise_("clerk", "enter", "visit", road="n", far="true")
    actor = replace(office.people["clerk"], language="en")
    view = read_document(office.runtime, actor, "visit", made.record_id)
    shown = {one.name: one.text for section in view.sections for one in section.fields}
    assert shown["road"] == "North Street"
    assert shown["said"] == "北街"
    assert shown["far"] == "Yes"
    states = office.runtime.definitions.codes["states of visit"]
    assert [code_title(one, language) for one in states.entries for language in ("zh", "en")] == ["已记", "Made"]
