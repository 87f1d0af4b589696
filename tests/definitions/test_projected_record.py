"""One record: its page, its JSON, its print show what access grants."""

import re

import pytest

from engine.access.masks import masked
from engine.documents.field_kinds import text_of
from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases import reading
from engine.usecases.paper import Paper, Sheet
from engine.usecases.presenting import Presenter
from tests.definitions.canaries import CLEAR, HIDDEN, MASKED
from tests.definitions.projected import EVERY, WORDED, at, aviary, force, granted, judge, placed, says, seen, views_of


@EVERY
def test_detail_and_history(document, role):
    actor, record = at(document, role)
    if not seen(document, role):
        with pytest.raises(Refused) as caught:
            reading.read_document(aviary().runtime, actor, document, record)
        assert caught.value.kind == "not_found"
        return
    view = reading.read_document(aviary().runtime, actor, document, record)
    views = views_of(view.sections)
    judge(document, role, views)
    assert set(views) == set(seen(document, role)) & placed(document)
    fields = force().definitions.documents[document].fields
    backs = {field for (target, _), (_, field) in force().backs.items() if target == document}
    for _, other, records in view.related:
        assert records
        assert CLEAR in {granted(other, role)[name] for name in backs if name in granted(other, role)}
    told = {
        re.sub(r" \d+$", "", title.zh.partition("·")[0]) for title, _, _ in view.history[0].changes
    }  # rows by place
    tables = {name for name, state in granted(document, role).items() if fields[name].is_table and state == MASKED}
    assert told == {fields[name].title.zh for name in seen(document, role) if name not in tables}
    says(role, view)


@EVERY
def test_json(document, role):
    actor, record = at(document, role)
    if not seen(document, role):
        with pytest.raises(Refused):
            reading.record_json(aviary().runtime, actor, document, record)
        return
    made = reading.record_json(aviary().runtime, actor, document, record)
    fields = force().definitions.documents[document].fields
    wanted = {name for name in seen(document, role) if fields[name].kind != "password"}
    assert {name for name in made if name in fields} == wanted
    for name in wanted:
        value = aviary().values[document][name]
        if isinstance(value, str):
            state = granted(document, role)[name]
            assert made[name] == (value if state == CLEAR else masked(value, fields[name].mask)), name
        elif fields[name].is_table:
            assert bool(made[name]) is (granted(document, role)[name] == CLEAR), name
    says(role, made)


@EVERY
def test_print(document, role):
    actor, record = at(document, role)
    runtime = aviary().runtime
    if not seen(document, role):
        return
    with runtime.store.begin(write=False) as unit:
        work, working, rights = reading.opened(runtime, unit, actor, document, record)
        sheet = Sheet(Presenter(work.world))
        paper = Paper(sheet, working.document, working.values, rights)
        drawn = {name: paper[name] for name in working.document.fields if working.document.fields[name].kind != "file"}
        for name, shown in drawn.items():
            state, field = granted(document, role)[name], working.document.fields[name]
            if state == HIDDEN:
                assert not shown or not str(shown), name
            elif state == MASKED and field.type.kind in WORDED:
                assert shown == masked(text_of(working.values[name], field.kind), field.mask), name
            elif state == CLEAR and field.type.kind is Kind.TEXT and field.kind != "password":
                assert shown == working.values[name], name
        noted = {key.rpartition(".")[2]: state for key, state in sheet.sights.items() if f"{document}:" in key}
        states = {0: HIDDEN, 1: MASKED, 2: CLEAR}
        assert {name: states[noted[name]] for name in drawn} == {name: granted(document, role)[name] for name in drawn}
        says(role, [str(shown) for shown in drawn.values()])
