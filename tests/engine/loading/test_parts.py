"""Parts and extensions: what is merged, what adds up, what is refused."""

from engine.loading import MemoryTree, load
from engine.model.actions import Send, Set
from tests.engine.loading.trees import NOTE, loaded, problems, said

DATED = "part: dated\nfields:\n  day: {title: 日期, type: date}\n  place: {title: 地点, type: text}\n"
PART = {"shared/parts/dated/document.yaml": DATED}


def note(use: str, fields: str = "") -> str:
    return f"document: note\ntitle: 便条\nuse: {use}\nfields:\n  subject: {{title: 主题, type: text}}\n{fields}"


def test_fields_of_a_part_come_first_and_may_be_changed_by_key() -> None:
    found = loaded(PART, note=note("[dated]", "  day: {required: true}\n")).definitions.documents["note"]
    assert list(found.fields) == ["day", "place", "subject"]
    day = found.fields["day"]
    assert (day.kind, day.title.zh, day.required) == ("date", "日期", True)
    assert str(day.where) == "office/note/document.yaml:6:8"
    assert found.parts == ("dated",)


def test_two_parts_with_the_same_field_are_a_problem_unless_named() -> None:
    files = PART | {"shared/parts/timed/document.yaml": "part: timed\nfields:\n  day: {title: 日, type: date}\n"}
    assert said(problems(files, note=note("[dated, timed]"))) == ["shared/parts/timed/document.yaml:3:8 NAM004"]
    assert not problems(files, note=note("[dated, timed]", "  day: {title: 日期, type: date}\n"))


def test_names_that_a_part_takes_stand_for_what_it_is_given() -> None:
    files = {
        "shared/parts/sent/document.yaml": "part: sent\ntakes: {message: mapping, path: field, label: text}\nfields:\n"
        "  told: {title: 已告, type: text, value: \"path + label + x.path + text('path', path=1)\"}\n",
        "shared/parts/sent/machine.yaml": "part: sent\nevents:\n  tell: {from: new, by: engine,"
        " do: [{send: =message}]}\n",
        "office/mappings/out.yaml": "mapping: out\nformat: json\ntree: {a: subject}\n",
    }
    text = note("[{sent: {message: out, path: subject, label: it's}}]")
    found = loaded(files, note=text).definitions
    told = found.documents["note"].fields["told"].value
    assert told is not None
    assert told.text == "subject + 'it\\'s' + x.path + text('path', path=1)"
    (send,) = found.machines["note"].events["tell"].do
    assert isinstance(send, Send)
    assert send.mapping == "out"


def test_what_a_part_takes_is_checked() -> None:
    files = {"shared/parts/sent/document.yaml": "part: sent\ntakes: {message: mapping}\nfields: {}\n"}
    assert said(problems(files, note=note("[{sent: {mesage: out}}]"))) == [
        "office/note/document.yaml:3:8 NAM005",
        "office/note/document.yaml:3:15 NAM006 message",
    ]
    assert said(problems(PART, note=note("[datde]"))) == ["office/note/document.yaml:3:7 NAM003 dated"]


def test_events_of_a_part_add_their_actions() -> None:
    files = PART | {
        "shared/parts/dated/machine.yaml": "part: dated\nstates: {a: {title: A}, b: {title: B}}\nevents:\n"
        "  go: {title: 走, from: a, to: b, by: engine, do: [{set: {place: x}}]}\n",
        "office/note/machine.yaml": "machine: note\nstates: {z: {title: Z}}\nevents:\n"
        "  go: {from: [a, z], do: [{set: {place: y}}]}\n",
    }
    found = loaded(files, note=note("[dated]")).definitions.machines["note"]
    go = found.events["go"]
    assert list(found.states) == ["a", "b", "z"]
    assert (go.title.zh, go.sources, go.to, go.by.special) == ("走", ("a", "z"), "b", ("engine",))
    assert [act.values["place"].literal for act in go.do if isinstance(act, Set)] == ["x", "y"]


def test_each_user_of_a_part_has_formulas_of_its_own() -> None:
    files = {
        "shared/parts/dated/document.yaml": "part: dated\nfields:\n  day: {title: 日, type: date, value: today}\n",
        "office/memo/document.yaml": "document: memo\ntitle: 备忘\nuse: [dated]\n",
    }
    found = loaded(files, note=note("[dated]")).definitions.documents
    assert found["note"].fields["day"].value is not found["memo"].fields["day"].value


def test_part_of_a_table_brings_columns_and_rules_for_rows() -> None:
    files = {
        "shared/parts/line/document.yaml": "part: line\nfields:\n  qty: {title: 数, type: integer}\nrules:\n"
        '  positive: {check: qty > 0, at: qty, message: "第{row}行"}\n'
    }
    lines = (
        "  lines: {title: 明细, type: table, use: [line], fields: {qty: {required: true}, n: {title: N, type: text}}}\n"
    )
    found = loaded(files, note=NOTE + lines).definitions.documents["note"]
    assert list(found.fields["lines"].fields) == ["qty", "n"]
    assert found.fields["lines"].fields["qty"].required is True
    rule = found.rules["lines.positive"]
    assert (rule.each, rule.at) == ("lines", ("qty",))


def test_extension_adds_to_the_same_document() -> None:
    base = {
        "shared/goods/document.yaml": "document: goods\ntitle: 商品\nfields:\n  name: {title: 名, type: text}\n",
        "shop/system.yaml": "system: shop\ntitle: 店\nuses: [shared]\n",
        "shop/goods/document.yaml": "document: goods\ntitle: 店铺商品\nextends: shared.goods\nfields:\n"
        "  price: {title: 价, type: money}\n  name: {required: true}\nunique: [[name]]\n",
        "shop/goods/access.yaml": 'access: {clerk: {read: "*"}}\n',
        "shop/sale/document.yaml": "document: sale\ntitle: 销售\nfields:\n  what: {title: 货, type: ref, to: goods}\n",
    }
    found = load(MemoryTree(base))
    assert not found.problems
    goods = found.definitions.documents["goods"]
    assert (goods.title.zh, goods.system, list(goods.fields)) == ("商品", "shared", ["name", "price"])
    assert goods.fields["name"].required is True
    assert [key.fields for key in goods.uniques] == [("name",)]
    assert found.definitions.documents["sale"].fields["what"].type.of == "goods"
    assert set(found.definitions.access["goods"]) == {"clerk"}
    assert set(found.definitions.documents) == {"goods", "sale"}


def test_extension_cannot_change_a_type_or_extend_nothing() -> None:
    files = {
        "shared/goods/document.yaml": "document: goods\ntitle: 商品\nfields:\n  name: {title: 名, type: text}\n",
        "office/goods/document.yaml": "document: goods\nextends: shared.goods\nfields: {name: {type: integer}}\n",
        "office/other/document.yaml": "document: other\nextends: shared.god\n",
    }
    assert said(problems(files)) == [
        "office/goods/document.yaml:3:23 NAM013",
        "office/other/document.yaml:2:10 NAM010",
    ]


def test_part_says_nothing_of_what_is_stored() -> None:
    files = {"shared/parts/dated/document.yaml": DATED + "unique: [[day]]\nnumber: 'A{seq}'\n"}
    assert said(problems(files)) == [
        "shared/parts/dated/document.yaml:5:1 SHP043",
        "shared/parts/dated/document.yaml:6:1 SHP043",
    ]
