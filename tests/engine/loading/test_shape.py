"""Shapes that are wrong: one problem each, at the key or value, with what was probably meant."""

import pytest

from engine.codes.report import in_order
from tests.engine.loading.trees import NOTE, problems, said

DOC = "document: note\ntitle: 便条\n"
FIELD = DOC + "fields:\n  a: "
MACHINE = "machine: note\nstates: {a: {title: A}}\nevents:\n  go: "
ACT = MACHINE + "{from: new, to: a, do: ["


def document(text: str) -> list[str]:
    return [one.removeprefix("office/note/document.yaml:") for one in said(in_order(problems(note=text)))]


def other(path: str, text: str) -> list[str]:
    found = said(in_order(problems({path: text}, note=NOTE)))
    return [one.removeprefix(f"{path}:") for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DOC + "feilds: {}\n", ["3:1 SHP001 fields"]),
        (DOC + "zzz: 1\n", ["3:1 SHP001"]),
        ("document: note\n", ["1:1 SHP002"]),
        ("title: 便条\n", ["1:1 SHP042"]),
        (FIELD + "{title: A, type: text, requried: true}\n", ["4:29 SHP001 required"]),
        (FIELD + "{title: A, type: text, maximum: 3}\n", ["4:29 SHP001 max"]),
        (FIELD + "{title: A, type: txt}\n", ["4:23 SHP012 text"]),
        (FIELD + "{title: A}\n", ["4:6 SHP002"]),
        (FIELD + "{title: A, type: code}\n", ["4:6 SHP002"]),
        (FIELD + "{title: A, type: ref}\n", ["4:6 SHP002"]),
        (FIELD + "{title: 2018, type: text}\n", ['4:14 SHP018 "2018"']),
        (FIELD + "{title: [A], type: text}\n", ["4:14 SHP005"]),
        (FIELD + "{title: , type: text}\n", ["4:14 SHP008"]),
        (FIELD + "{title: '', type: text}\n", ["4:15 SHP008"]),
        (FIELD + "{title: A, type: text, required: 1}\n", ["4:39 SHP005"]),
        (FIELD + "{title: A, type: text, protect: encrypted}\n", ["4:38 SHP006 encrypt"]),
        (FIELD + "{title: A, type: file, max_size: 10 mb}\n", ["4:39 SHP007"]),
        (FIELD + "{title: A, type: number, value: round(b, 2)}\n", ["4:23 SHP012", "4:47 SHP003"]),
        (FIELD + "{title: A, type: text, show: b in ('x', 'y')}\n", ["4:49 SYN004"]),
        (FIELD + "[text]\n", ["4:6 SHP005"]),
        (DOC + "fields: [a]\n", ["3:9 SHP005"]),
        (DOC + "fields:\n  a-b: {title: A, type: text}\n", ["4:3 SHP004", "4:8 NAM008"]),
        (DOC + "fields:\n  class: {title: A, type: text}\n", ["4:10 NAM008"]),
        (DOC + "fields:\n  state: {title: A, type: text}\n", ["4:10 NAM007"]),
        (DOC + "number: {seq:06}\n", ["3:9 SHP009"]),
        (DOC + "retain: {done: soon}\n", ["3:16 SHP007"]),
        (DOC + "expect: {rows: -1}\n", ["3:16 SHP017"]),
        (DOC + "unique: [[]]\n", ["3:10 SHP008"]),
        (DOC + "unique: [[a, {wen: b}]]\n", ["3:15 SHP001 when"]),
        (DOC + "freeze: {fields: [a]}\n", ["3:9 SHP002"]),
        ("", ["1:1 SYN018"]),
        ("- a\n", ["1:1 SHP005"]),
        (DOC + "---\n" + DOC, ["4:1 SYN019"]),
    ],
)
def test_wrong_document_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert sorted(document(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MACHINE + "{from: new, to: a, do: {set: {x: 1}}}\n", ["4:30 SHP005"]),
        (ACT + "{sett: {subject: x}}]}\n", ["4:31 SHP040 set"]),
        (ACT + "{set: {subject: x}, notify: y}]}\n", ["4:31 SHP040", "4:32 SHP041", "4:51 SHP041"]),
        (ACT + "{set: {subject: x}, skip: not_allowed}]}\n", ["4:51 SHP041"]),
        (ACT + "{raise: x, skp: not_allowed}]}\n", ["4:42 SHP041 skip"]),
        (ACT + "{raise: x, skip: notallowed}]}\n", ["4:48 SHP006 not_allowed"]),
        (ACT + "{put: x, where: count(a, b) > 1}]}\n", ["4:56 SHP003"]),
        (ACT + "{choose: []}]}\n", ["4:40 SHP008"]),
        (ACT + "{choose: [{when: a}]}]}\n", ["4:41 SHP002"]),
        (ACT + "{each: a, do: [{st: 1}]}]}\n", ["4:46 SHP040 set"]),
        (ACT + "{set: x}]}\n", ["4:37 SHP007"]),
        (ACT + "{each: a, most: 0, drop: b}]}\n", ["4:47 SHP017"]),
        (MACHINE + "{to: a}\n", ["4:7 SHP002"]),
        (MACHINE + "{from: new, check: everything}\n", ["4:26 SHP006"]),
        ("machine: note\nstates: {a: {titel: A}}\n", ["2:14 SHP001 title"]),
        ("machine: note\nstates: {a: {until: {event: x}}}\n", ["2:21 SHP044"]),
        ("machine: note\nstates: {a: {until: {after: 3 dais, event: x}}}\n", ["2:29 SHP007"]),
        ("machine: note\ntimers: {t: {runs: [a], within: 1 hour, warn: {80: []}}}\n", ["2:48 SHP004"]),
        (
            "machine: note\napprovals: {p: {steps: [{id: a, who: head, sign: 2 of 3}], agreed: x, refused: y}}\n",
            ["2:38 SHP007", "2:50 SHP007"],
        ),
    ],
)
def test_wrong_machine_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert sorted(other("office/note/machine.yaml", text)) == sorted(expected)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("office/system.yaml", "system: office\n", ["1:1 SHP002"]),
        ("office/system.yaml", "system: office\ntitle: O\nrols: {}\n", ["3:1 SHP001 roles"]),
        ("office/tables/t.yaml", "table: t\ninputs: {a: text}\noutputs: {b: text}\n", ["1:1 SHP045"]),
        (
            "office/tables/t.yaml",
            "table: t\nhit: frist\ninputs: {a: text}\noutputs: {b: text}\nrows:\n  - [x]\n",
            ["2:6 SHP006 first", "6:5 SHP016"],
        ),
        ("office/values/v.yaml", "values: {x: {title: X, type: money}}\n", ["1:13 SHP046"]),
        (
            "office/values/v.yaml",
            "values: {x: {title: X, type: date, dated: [{from: 2026-13-01, value: 2026-01-01}]}}\n",
            ["1:51 SHP007"],
        ),
        ("office/jobs.yaml", "jobs: {j: {every: fortnight, do: []}}\n", ["1:19 SHP007"]),
        ("office/jobs.yaml", "jobs: {j: {every: day, at: 9:30, do: []}}\n", ["1:28 SHP007"]),
        ("office/notices.yaml", "notices: {n: {to: chief, text: x}}\n", ["1:19 SHP007"]),
        ("office/queries.yaml", "queries: {q: {of: note, colums: {a: b}}}\n", ["1:25 SHP001 columns"]),
        ("office/queries.yaml", "queries: {q: {of: note, join: {j: {on: a == b}}}}\n", ["1:35 SHP002"]),
        ("office/mappings/m.yaml", "mapping: m\nformat: jsn\ntree: {a: b}\n", ["2:9 SHP006 json"]),
        ("office/prints/p.yaml", "print: p\ntitle: P\n", ["1:1 SHP047"]),
        ("office/prints/p.yaml", "print: p\ntemplate: gone.html\n", ["2:11 NAM009"]),
        ("office/watches.yaml", "watches: {w: {on: x, with_in: 1 day, do: []}}\n", ["1:22 SHP001 within"]),
        ("office/flows/f.yaml", "flow: f\nstart: a\nsteps: {a: {scren: []}}\n", ["3:13 SHP001 screen"]),
        ("office/ledgers/l.yaml", "ledger: l\nper: {a: {type: text}}\namounts: {x: X}\n", ["1:1 SHP002"]),
        ("office/pages/p.yaml", "page: p\nbody: [{tabel: lines}]\n", ["2:9 SHP001 table"]),
        ("office/note/pages.yaml", "pages: {list: {colums: [a]}}\n", ["1:16 SHP001 columns"]),
        ("office/note/access.yaml", "access: {clerk: {reed: '*'}}\n", ["1:18 SHP001 read"]),
        ("office/note/rules.yaml", "rules: {r: {check: a, mesage: x}}\n", ["1:23 SHP001 message"]),
        ("nodes/n.yaml", "node: n\nsystem: office\n", ["2:1 SHP001 systems"]),
        ("office/queris.yaml", "a: 1", ["1:1 SHP020 queries.yaml"]),
        ("office/note/machin.yaml", "a: 1", ["1:1 SHP020 machine.yaml"]),
        ("office/note/deep/er/x.yaml", "a: 1", ["1:1 SHP020"]),
        ("loose.yaml", "a: 1", ["1:1 SHP020"]),
    ],
)
def test_wrong_file_of_another_kind_is_told_at_its_place(path: str, text: str, expected: list[str]) -> None:
    assert sorted(other(path, text)) == sorted(expected)


def test_everything_is_told_at_once() -> None:
    text = FIELD + "{titel: A, type: txt}\n  b: {title: 1, type: text}\nserach: [a]\nnumber: [x]\n"
    assert document(text) == [
        "4:7 SHP001 title", "4:23 SHP012 text", '5:14 SHP018 "1"', "6:1 SHP001 search", "7:9 SHP005",
    ]  # fmt: skip
