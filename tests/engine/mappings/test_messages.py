"""Messages there and back in every format, against one document type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.xml.documents import LxmlMessages
from engine.checks import check
from engine.expressions.environment import Env
from engine.loading import MemoryTree, load
from engine.mappings.compiled import CompiledMapping, compiled
from engine.mappings.leaves import Surroundings
from engine.ports.xml import UnreadableMessage

SHEET = """document: sheet
title: 单
fields:
  guid:   {title: 号, type: text, max: 36}
  made:   {title: 时间, type: datetime}
  day:    {title: 日, type: date}
  weight: {title: 重, type: "decimal(19,5)"}
  done:   {title: 完, type: boolean}
  colour: {title: 色, type: code, in: colours}
  note:   {title: 注, type: long_text}
  picture: {title: 图, type: file}
  lines:
    title: 行
    type: table
    fields: {name: {title: 名, type: text, max: 20}, qty: {title: 数, type: integer}}
"""
ACCESS = "access: {clerk: {read: '*', create: true}}"
TREE = """  s:Sheet:
    s:Head:
      s:guid: guid
      s:made: {value: made, format: "%Y%m%d%H%M%S"}
      s:day: {value: day, format: "%Y%m%d", also: [dAy]}
      s:weight: {value: weight, attributes: {unit: "'kg'"}}
      s:done: done
      s:colour: colour.title
      s:note: note
      s:kind: "'X'"
      s:picture: {value: picture, wrap: [gzip, base64]}
    s:Line: {each: lines, tree: {s:no: row, s:name: name, s:qty: qty}}
  s:Sender: {s:count: "count(lines)"}
"""
HEAD = "mapping: m\ntitle: m\ndocument: sheet\n"
XML = (
    HEAD
    + """format: xml
message: {root: s:Sheets, namespace: {s: "urn:sheet"}, attributes: {id: message.id}}
each: s:Sheet
tree:
"""
    + TREE
)
ROW: dict[str, Any] = {
    "guid": "A-1", "made": datetime(2026, 5, 6, 9, 30), "day": date(2026, 5, 6), "weight": Decimal("1.50"),
    "done": True, "colour": "r", "note": 'a < b & c > d\n"q"', "picture": b"\x89PNG" * 100,
    "lines": [{"name": "纸", "qty": 2}, {"name": "", "qty": None}],
}  # fmt: skip
CODES = {"colours": {"r": {"title": "红"}, "g": {"title": "绿"}}}


def mapping_of(text: str, exact: bool = True) -> CompiledMapping:
    files = {
        "desk/system.yaml": "system: desk\ntitle: d\nroles: {clerk: {title: c}}\n",
        "desk/sheet/document.yaml": SHEET,
        "desk/sheet/access.yaml": ACCESS,
        "shared/codes/colours.csv": "code,title\nr,红\ng,绿\n",
        "desk/mappings/m.yaml": text,
    }
    checked = check(load(MemoryTree(files)), xml=LxmlMessages)
    errors = [one for one in checked.problems if one.severity == "error"]
    assert not errors, errors
    around = Surroundings(lambda digest: b"", CODES, exact=exact, xml=LxmlMessages({}))
    return compiled(checked.definitions.mappings["m"], around, LxmlMessages({}))


def env(row: Mapping[str, Any], message: Mapping[str, object] | None = None) -> Env:
    return Env(row, World(), this=row, names={"message": message or {"id": "M-1"}})  # type: ignore[arg-type]


class World:
    """Knows code lists alone."""

    def code(self, list_id: str, code: str, column: str) -> object:
        return CODES[list_id].get(code, {}).get(column)


def test_xml_there_and_back() -> None:
    mapping = mapping_of(XML)
    content = mapping.write([env(ROW), env({**ROW, "guid": "A-2", "lines": [], "note": None})])
    read = mapping.read(content)
    assert read.faults == []
    first, second = read.documents
    assert first == {**ROW, "lines": [{"name": "纸", "qty": 2}, {"name": ""}], "picture": ROW["picture"]}
    assert (second["guid"], "note" in second, "lines" in second) == ("A-2", False, False)
    assert read.message == {"id": "M-1"}
    assert b'<s:weight unit="kg">1.50</s:weight>' in content
    assert content.count(b"<s:no>") == 2
    assert content.endswith(b"<s:Sender><s:count>2</s:count></s:Sender></s:Sheets>")


def test_zeros_at_the_end_of_a_decimal_are_left_out_of_what_is_sent() -> None:
    content = mapping_of(XML, exact=False).write([env({**ROW, "weight": Decimal("1.50000")})])
    assert b">1.5</s:weight>" in content


def test_elements_are_known_by_namespace_and_other_spellings() -> None:
    mapping = mapping_of(XML)
    content = b"""<Sheets xmlns="urn:sheet" xmlns:x="urn:sheet" id="9"><!-- a --><x:Sheet><Head>
        <x:guid> g </x:guid><dAy>20260506</dAy><strange/><kind>X</kind></Head></x:Sheet></Sheets>"""
    read = mapping.read(content)
    assert (read.faults, read.documents) == ([], [{"guid": " g ", "day": date(2026, 5, 6)}])
    assert read.unknown == ["{urn:sheet}strange"]


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ("<day>2026-05-06</day>", "yyyyMMdd"),
        ("<weight>heavy</weight>", "number"),
        ("<colour>紫</colour>", "no code"),
        ("<kind>Y</kind>", "must be 'X'"),
        ("<guid>1</guid><guid>2</guid>", "twice"),
        ("<guid><b/></guid>", "holds no elements"),
        ("<picture>%%</picture>", "base64"),
        ("<picture>aGVsbG8=</picture>", "base64"),
    ],
)
def test_faults_are_told_at_their_lines(inner: str, said: str) -> None:
    content = f'<Sheets xmlns="urn:sheet">\n<Sheet><Head>\n{inner}</Head></Sheet></Sheets>'
    (fault,) = mapping_of(XML).read(content.encode()).faults
    assert fault.line == 3
    assert said in fault.text["en"]
    assert fault.text["zh"]


def test_a_branch_that_stands_twice_is_told() -> None:
    content = b'<Sheets xmlns="urn:sheet"><Sheet><Head/><Head/></Sheet></Sheets>'
    assert [one.element for one in mapping_of(XML).read(content).faults] == ["Head"]


def test_another_root_is_told() -> None:
    (fault,) = mapping_of(XML).read(b"<other/>").faults
    assert "Sheets" in fault.text["zh"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<a><b></a>", "broken"),
        (b"", "broken"),
        (b"\xff\xfe\x00", "broken"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "doctype"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "doctype"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "broken"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>中文</a>'.encode("gb18030"), "broken"),
        (b"<a>" * 300 + b"</a>" * 300, "broken"),
    ],
)
def test_what_is_no_message_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        mapping_of(XML).read(content)
    assert refused.value.code == code
    assert set(refused.value.text) == {"zh", "en"}


def test_gbk_that_says_so_is_read() -> None:
    head = '<?xml version="1.0" encoding="GBK"?><s:Sheets xmlns:s="urn:sheet"><s:Sheet>'
    text = f"{head}<s:Head><s:guid>纸</s:guid></s:Head></s:Sheet></s:Sheets>"
    assert mapping_of(XML).read(text.encode("gbk")).documents == [{"guid": "纸"}]


JSON = (
    HEAD
    + """format: json
tree:
  id: {value: guid, also: [ID]}
  when: {made: {value: made, format: "%Y%m%d%H%M%S"}, day: day}
  weight: weight
  done: done
  lines: {each: lines, tree: {n: row, name: name, qty: qty}}
"""
)


def test_json_there_and_back() -> None:
    mapping = mapping_of(JSON)
    content = mapping.write([env(ROW)])
    assert json.loads(content)["lines"] == [{"n": 1, "name": "纸", "qty": 2}, {"n": 2, "name": ""}]
    read = mapping.read(content)
    wanted = {name: ROW[name] for name in ("guid", "made", "day", "weight", "done")}
    assert read.documents == [{**wanted, "lines": [{"name": "纸", "qty": 2}, {"name": ""}]}]
    assert mapping.read(b'{"ID": 7}').documents == [{"guid": "7"}]


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b'{"a": NaN}', b'{"a":' * 100 + b"1" + b"}" * 100])
def test_json_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        mapping_of(JSON).read(content)


def test_json_of_the_wrong_kind_is_told() -> None:
    read = mapping_of(JSON).read(b'{"weight": {"a": 1}, "done": "maybe"}')
    assert [one.element for one in read.faults] == ["weight", "done"]


FIXED = (
    HEAD
    + 'format: fixed\nencoding: gb18030\npad: "\\0"\n'
    + """tree:
  guid: {value: guid, size: 6}
  day: {value: day, size: 8, format: "%Y%m%d"}
  note: {value: note, size: 4}
"""
)


def test_fixed_width_there_and_back() -> None:
    mapping = mapping_of(FIXED)
    content = mapping.write([env({**ROW, "note": "纸"}), env({**ROW, "guid": "B", "note": None})])
    assert content == b"A-1\0\0\x0020260506" + "纸".encode("gb18030") + b"\0\0" + b"B" + b"\0" * 5 + b"20260506\0\0\0\0"
    assert mapping.read(content).documents == [
        {"guid": "A-1", "day": date(2026, 5, 6), "note": "纸"},
        {"guid": "B", "day": date(2026, 5, 6), "note": ""},
    ]
    with pytest.raises(ValueError, match="note"):
        mapping.write([env({**ROW, "note": "纸纸纸"})])
    with pytest.raises(UnreadableMessage):
        mapping.read(content[:-1])


CSV = HEAD + "format: csv\ntree: {号: {value: guid, also: [编号]}, 重: weight, 注: note}\n"


def test_csv_there_and_back() -> None:
    mapping = mapping_of(CSV)
    content = mapping.write([env({**ROW, "note": 'a,"b"\nc'})])
    assert mapping.read(content).documents == [{"guid": "A-1", "weight": Decimal("1.50"), "note": 'a,"b"\nc'}]
    assert mapping.read("\ufeff编号,strange\n7,x\n".encode()).documents == [{"guid": "7"}]
    (fault,) = mapping.read("号,重\n7,x\n".encode()).faults
    assert (fault.line, fault.element) == (2, "重")


ANYTHING = XML.replace("s:note: note", "s:note: {value: note, wrap: [xml]}")


def test_xml_of_its_own_stands_as_it_is() -> None:
    mapping = mapping_of(ANYTHING)
    inner = '<x:a xmlns:x="urn:x" b="1">c &amp; d</x:a><e/>'
    content = mapping.write([env({**ROW, "note": inner})])
    assert f"<s:note>{inner}</s:note>".encode() in content
    read = mapping.read(content).documents[0]["note"]
    again = mapping.write([env({**ROW, "note": read})])
    assert LxmlMessages({}).canonical(again) == LxmlMessages({}).canonical(content)
    with pytest.raises(ValueError, match="well-formed"):
        mapping.write([env({**ROW, "note": "<open>"})])
    with pytest.raises(ValueError, match="well-formed"):
        mapping.write([env({**ROW, "note": "</s:note><s:x>"})])
