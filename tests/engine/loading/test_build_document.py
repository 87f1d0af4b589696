"""Document types as built: fields, types, tables, keys, shapes."""

from decimal import Decimal

import pytest

from engine.loading import load
from engine.model.documents import Field
from engine.model.formula import Formula, Given, Title
from engine.model.types import Kind, Type
from tests.engine.loading.trees import NOTE, document, loaded, said, tree

LEVELS = {"shared/codes/levels.csv": "code,title\nhigh,高\n"}


def field(text: str, files: dict[str, str] | None = None) -> Field:
    return document(f"document: note\ntitle: 便条\nfields:\n  a: {text}\n", files).fields["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text", Type(Kind.TEXT)),
        ("money", Type(Kind.NUMBER)),
        ("counter", Type(Kind.INTEGER)),
        ("image", Type(Kind.FILE)),
        ("code, in: levels", Type(Kind.CODE, "levels")),
        ("code levels", Type(Kind.CODE, "levels")),
        ("hs_code, in: levels", Type(Kind.CODE, "levels")),
        ("hs_code", Type(Kind.TEXT)),
        ("ref, to: note", Type(Kind.REF, "note")),
        ("ref, to: any", Type(Kind.REF, "")),
        ("refs, to: office.note", Type(Kind.REFS, "note")),
        ("file, many: true", Type(Kind.FILES)),
    ],
)
def test_type_of_a_field(text: str, expected: Type) -> None:
    assert field(f"{{title: A, type: {text}}}", LEVELS).type == expected


def test_decimal_says_digits_and_scale() -> None:
    found = field('{title: A, type: "decimal(19,5)"}')
    assert (found.kind, found.digits, found.scale) == ("decimal", 19, 5)


def test_conditions_are_bool_where_they_are_fixed() -> None:
    found = field("{title: A, type: text, required: true, show: a == 'x', edit: false}")
    assert found.required is True
    assert isinstance(found.show, Formula)
    assert found.show.text == "a == 'x'"
    assert found.edit is False


def test_formula_of_a_literal_is_its_text() -> None:
    assert field("{title: A, type: decimal, value: 1.50}").value.text == "1.50"  # type: ignore[union-attr]


def test_limits_sizes_and_titles() -> None:
    found = field("{title: {zh: 甲, en: A}, type: file, max_size: 10MB, accept: [pdf, jpg]}")
    assert found.title == Title("甲", "A")
    assert (found.max_size, found.accept) == (10_000_000, ("pdf", "jpg"))
    assert field("{title: A, type: text, max: 45}").maximum == Decimal(45)
    limit = field("{title: A, type: date, max: today + 1 * day}").maximum
    assert isinstance(limit, Formula)


def test_given_value_is_a_literal_or_a_formula() -> None:
    assert field("{title: A, type: text, default: 0110}").default == Given("0110", None, _place(4, 38, 42))
    formula = field("{title: A, type: text, default: =user.name}").default
    assert formula is not None
    assert formula.formula is not None
    assert (formula.formula.text, str(formula.formula.where)) == ("user.name", "office/note/document.yaml:4:39")


def _place(line: int, column: int, end: int) -> object:
    return document(NOTE).where.__class__("office/note/document.yaml", line, column, line, end)


def test_references_find_themselves_and_are_seen_from_the_other_side() -> None:
    other = "document: memo\ntitle: 备忘\nfields:\n  of: {title: 便条, type: ref, to: note, back: memos}\n"
    found = loaded({"office/memo/document.yaml": other}, note=NOTE).definitions.documents
    memos = found["note"].shape.fields["memos"]
    assert memos.kind is Kind.ROWS
    assert memos.shape is found["memo"].shape
    assert memos.shape.fields["of"] == Type(Kind.REF, "note")


def test_child_tables_have_shapes_of_their_own() -> None:
    found = document(
        NOTE + "  lines: {title: 明细, type: table, rows: {max: 9},"
        " fields: {to: {title: 到, type: ref, to: note, back: lines_to}, qty: {title: 数, type: integer}}}\n"
    )
    lines = found.shape.fields["lines"]
    assert lines.kind is Kind.ROWS
    assert lines.shape is not None
    assert (lines.shape.parent, set(lines.shape.fields)) == ("note", {"id", "to", "qty"})
    assert found.shape.fields["lines_to"].shape is lines.shape
    assert found.fields["lines"].rows_max == 9
    assert found.field_at(("lines", "3", "qty")) is found.fields["lines"].fields["qty"]


def test_record_has_system_fields_and_history() -> None:
    shape = document(NOTE).shape
    assert {"id", "number", "state", "version", "subject", "history"} <= set(shape.fields)
    history = shape.fields["history"].shape
    assert history is not None
    assert history.fields["document"] == Type(Kind.REF, "note", optional=False)


def test_tables_fill_themselves() -> None:
    text = NOTE + (
        "  last: {title: 上次, type: ref, to: note, find: subject == this.subject}\n"
        "  lines: {title: 明细, type: table, from: {each: last.lines, same: true, with: {n: =row}},"
        " fields: {n: {title: 数, type: integer}}}\n"
        "  sums: {title: 合计, type: table, value: {each: lines, per: [n], where: n > 0},"
        " fields: {n: {title: 数, type: integer}}}\n"
    )
    fields = document(text).fields
    copied, computed = fields["lines"].filled, fields["sums"].filled
    assert copied is not None
    assert computed is not None
    assert (copied.keep, copied.same, copied.each.text) == (True, True, "last.lines")
    assert (computed.keep, list(computed.per)) == (False, ["n"])
    assert fields["sums"].is_derived
    assert not fields["lines"].is_derived


def test_keys_label_number_and_what_is_expected() -> None:
    found = document(
        NOTE + "  above: {title: 上级, type: ref, to: note, back: below}\n"
        'number: "N{today:%Y}{seq:04}"\nbusiness_date: above.due\n'
        "unique: [[subject], [above, {when: state == 'draft'}]]\nsearch: [subject]\n"
        "freeze: {on: send, fields: [subject]}\nexpect: {rows: 2_000_000}\nretain: {sent: 5 years}\n"
        "was: {fields: {subject: topic}}\n"
    )
    assert found.number is not None
    assert [piece if isinstance(piece, str) else (piece[0].text, piece[1]) for piece in found.number.pieces] == [
        "N", ("today", "%Y"), ("seq", "04"),
    ]  # fmt: skip
    assert (found.label, found.tree, found.expected_rows) == ("number", "above", 2_000_000)
    assert [key.fields for key in found.uniques] == [("subject",), ("above",)]
    assert found.uniques[1].when is not None
    assert (found.freeze.on, found.retain, found.renamed) == (("send",), {"sent": "5 years"}, {"subject": "topic"})


def test_label_is_the_first_text_without_a_number() -> None:
    assert document(NOTE).label == "subject"


def test_rules_name_level_place_and_dates() -> None:
    found = loaded(
        {
            "office/note/rules.yaml": "rules:\n  short: {check: len(subject) < 9, at: subject, on: [send],"
            " level: confirm,"
            ' message: "{subject}太长", from: 2020-01-01, source: 规定}\n'
        },
        note=NOTE,
    ).definitions.documents["note"]
    rule = found.rules["short"]
    assert (rule.level, rule.at, rule.on) == ("confirm", ("subject",), ("send",))
    assert (rule.dated.start, rule.dated.end, rule.dated.source) == ("2020-01-01", "", "规定")
    assert rule.message.pieces[1] == "太长"


def test_access_grants_and_those_of_the_system() -> None:
    found = loaded(
        {
            "office/note/access.yaml": 'access:\n  clerk: {rows: a == b, read: "*", edit: {when: c, fields: [subject]},'
            " events: [send], export: {mask: [subject]}}\n",
            "office/access.yaml": "access:\n  guest: {read: [subject], print: true, edit: true}\n  clerk: {read: []}\n",
        },
        note=NOTE,
    ).definitions.access["note"]
    clerk, guest = found["clerk"], found["guest"]
    assert clerk.rows is not None
    assert (clerk.read, clerk.edit.fields, clerk.events, clerk.export, clerk.export_mask) == (
        ("*",), ("subject",), ("send",), True, ("subject",),
    )  # fmt: skip
    assert (guest.read, guest.print, guest.edit.fields, guest.create) == (("subject",), ("*",), ("*",), False)


def test_same_tree_has_the_same_version() -> None:
    versions = [load(tree(note=text)).definitions.version for text in (NOTE, NOTE, NOTE + "search: [subject]\n")]
    assert versions[0] == versions[1] != versions[2]


def test_part_of_a_definition_that_is_wrong_leaves_the_rest() -> None:
    found = load(tree(note=NOTE + "  bad: {title: B, type: nonsense}\nserach: [subject]\n"))
    assert said(found.problems) == [
        "office/note/document.yaml:5:25 SHP012",
        "office/note/document.yaml:6:1 SHP001 search",
    ]
    assert set(found.definitions.documents["note"].fields) == {"subject", "bad"}
