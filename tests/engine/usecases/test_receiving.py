"""What comes in finds its document and moves it by its own events; what does not is told and kept."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.usecases.landed_acts import retry
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import process, take_in

PAPER = {
    "desk/paper/document.yaml": """document: paper
title: 件
fields:
  ref:  {title: 号, type: text, max: 20}
  told: {title: 说明, type: text, max: 60, edit: false}
  got:  {title: 收到, type: integer, edit: false}
  note: {title: 注, type: text}
unique: [[ref]]
""",
    "desk/paper/machine.yaml": """machine: paper
states:
  sent:    {title: 已发}
  taken:   {title: 已收}
  refused: {title: 退回}
  closed:  {title: 已结, final: true}
events:
  enter:  {title: 登记, from: new, to: sent, by: [clerk, engine], do: [{send: paper_out}]}
  take:
    {from: sent, to: taken, by: engine, ask: {text: {title: 文, type: text}}, do: [{set: {told: =event.text}}]}
  refuse:
    {title: 退, from: [sent, taken], to: refused, by: engine, ask: {text: {title: 文, type: text, required: true}}}
  close:  {title: 结束, from: [taken, refused], to: closed, by: clerk}
  hear:
    {from: new, to: taken, by: engine, ask: {text: {title: 文, type: text}}, do: [{set: {told: =event.text}}]}
  late:   {title: 迟到, from: any, by: engine, do: [{set: {got: =(got or 0) + 1}}]}
late_events: LATE
""",
    "desk/paper/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}",
    "shared/codes/results.csv": "code,title,event\n1,收,take\n2,退,refuse\n3,知,\n",
    "desk/mappings/paper_out.yaml": """mapping: paper_out
document: paper
format: xml
kind: Paper
to: out
message: {root: Paper, attributes: {id: message.id}}
tree: {Ref: ref}
""",
    "desk/mappings/paper_back.yaml": """mapping: paper_back
format: xml
message: {root: Results, attributes: {id: message.id}}
each: Result
tree:
  Result: {Ref: ref, Code: {value: code, in: results}, Text: {value: text, also: [text]}}
match: [{document: paper, by: [ref]}]
event: code.event
with: {text: =text}
unmatched: {keep: true}
""",
    "desk/mappings/paper_new.yaml": """mapping: paper_new
document: paper
format: xml
message: {root: NewPaper}
tree: {Ref: ref}
event: enter
""",
    "desk/mappings/paper_heard.yaml": """mapping: paper_heard
document: paper
format: xml
message: {root: Heard, attributes: {id: message.id}, schema: heard.xsd, strict: true}
tree: {Ref: ref}
event: hear
with: {text: =message.id}
set: {note: =message.id + ref}
accept: [{size: 200B, code: 1}]
refused:
  do: [{create: paper, with: {ref: =message.id, told: "=cut(message.fault, 9) + cut(message.content, 6)"}}]
""",
    "desk/mappings/heard.xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Heard">
<xs:complexType><xs:sequence><xs:element name="Ref"/><xs:element name="More" type="xs:string"/></xs:sequence>
<xs:attribute name="id" use="required"/>
<xs:attribute name="by" use="required"/></xs:complexType></xs:element></xs:schema>
""",
}


def office(late: str = "late") -> Office:
    files = {**PAPER, "desk/paper/machine.yaml": PAPER["desk/paper/machine.yaml"].replace("LATE", late)}
    return Office(files, xml=LxmlMessages)


def result(*rows: str, number: str = "R-1") -> Arrived:
    return Arrived(f'<Results id="{number}">{"".join(rows)}</Results>'.encode(), number)


def row(ref: str, code: str, text: str = "") -> str:
    return f"<Result><Ref>{ref}</Ref><Code>{code}</Code><Text>{text}</Text></Result>"


def landed(place: Office, landed_id: str) -> dict[str, Any]:
    return place.values(MESSAGE, landed_id)


def test_a_receipt_moves_its_document_once() -> None:
    place = office()
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    place.deliver()
    first = take_in(place.runtime, "in", result(row("A", "1", "好")))
    again = take_in(place.runtime, "in", result(row("A", "1", "好")))
    assert first == again
    assert (place.values("paper", paper)["state"], place.values("paper", paper)["told"]) == ("taken", "好")
    kept = landed(place, first)
    assert (kept["state"], kept["kind"], kept["number"], kept["record_id"]) == ("processed", "paper_back", "R-1", paper)
    (out,) = place.all(MESSAGE, direction="out")
    assert out["state"] == "confirmed"


@pytest.mark.parametrize(
    ("late", "state", "got"), [("keep", "processed", None), ("late", "processed", 1), ("refuse", "failed", None)]
)
def test_what_comes_too_late_changes_no_state(late: str, state: str, got: int | None) -> None:
    place = office(late)
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    take_in(place.runtime, "in", result(row("A", "2", "不好")))
    second = take_in(place.runtime, "in", result(row("A", "1", "好"), number="R-2"))
    values = place.values("paper", paper)
    assert (values["state"], values["got"], values["told"]) == ("refused", got, None)
    assert landed(place, second)["state"] == state


def test_a_code_without_an_event_is_kept_and_changes_nothing() -> None:
    place = office()
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    found = take_in(place.runtime, "in", result(row("A", "3")))
    assert place.values("paper", paper)["version"] == 1
    assert (landed(place, found)["state"], landed(place, found)["record_id"]) == ("processed", paper)


def test_what_belongs_to_nothing_waits_and_is_taken_when_its_document_is_there() -> None:
    place = office()
    found = take_in(place.runtime, "in", result(row("A", "1", "好")))
    assert (landed(place, found)["state"], landed(place, found)["code"]) == ("unmatched", "MSG206")
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    with place.store.begin() as unit:
        record = unit.fetch(MESSAGE, found)
        assert record is not None
        record.values.update(state="arrived", version=record.version + 1)
        unit.update(record, record.version - 1)
    process(place.runtime, found)
    assert place.values("paper", paper)["state"] == "taken"
    assert landed(place, found)["state"] == "processed"


def test_one_row_that_is_refused_keeps_no_other_back() -> None:
    place = office()
    papers = [place.raise_("clerk", "enter", "paper", ref=ref).record_id for ref in "AB"]
    found = take_in(place.runtime, "in", result(row("A", "2"), row("B", "1", "好"), row("C", "1")))
    states = [place.values("paper", one)["state"] for one in papers]
    assert states == ["sent", "taken"]
    kept = landed(place, found)
    assert (kept["state"], kept["code"]) == ("failed", "MSG205")
    assert "文" in str(kept["told"])


@pytest.mark.parametrize(
    ("content", "state", "code", "said"),
    [
        (b"<Results><Result>", "quarantined", "MSG204", "XML"),
        (b"<!DOCTYPE a><a/>", "quarantined", "MSG204", "文档类型"),
        (b"<Unknown/>", "unmatched", "MSG206", ""),
        (f"<Results>{row('A', '9')}</Results>".encode(), "failed", "MSG209", "9"),
        (
            f"<Results>{row('A', '1')}<Result><Ref>A</Ref><Ref>B</Ref></Result></Results>".encode(),
            "failed",
            "MSG209",
            "Ref",
        ),
    ],
)
def test_what_is_wrong_with_a_message_is_told_and_changes_nothing(
    content: bytes, state: str, code: str, said: str
) -> None:
    place = office()
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    kept = landed(place, take_in(place.runtime, "in", Arrived(content, "X")))
    assert (kept["state"], kept["code"]) == (state, code)
    assert said in str(kept["told"])
    assert place.values("paper", paper)["state"] == "sent"


def test_a_message_may_begin_a_document() -> None:
    place = office()
    take_in(place.runtime, "in", Arrived(b"<NewPaper><Ref>N</Ref></NewPaper>", "1"))
    (made,) = place.all("paper")
    assert (made["ref"], made["state"]) == ("N", "sent")
    kept = landed(place, take_in(place.runtime, "in", Arrived(b"<NewPaper><Ref>N</Ref></NewPaper>", "2")))
    assert kept["state"] == "failed"
    assert len(place.all("paper")) == 1


def test_a_document_that_a_message_begins_is_set_by_the_mapping_too() -> None:
    """Nor need the mapping name all that the schema requires."""
    place = office()
    take_in(place.runtime, "in", Arrived(b'<Heard id="H1" by="x"><Ref>N</Ref><More/></Heard>', "1"))
    (made,) = place.all("paper")
    assert (made["ref"], made["note"], made["told"], made["state"]) == ("N", "H1N", "H1", "taken")


@pytest.mark.parametrize(
    "content",
    [
        b'<Heard id="H1" by="x"><Ref>N</Ref></Heard>',
        b'<Heard id="H1" by="x"><Ref>N</Ref><More>%s</More></Heard>' % (b"x" * 200),
    ],
)
def test_what_is_not_taken_may_be_answered(content: bytes) -> None:
    """It breaks its schema, or a guard turns it back; either way it stays among the failed ones."""
    place = office()
    kept = landed(place, take_in(place.runtime, "in", Arrived(content, "1")))
    assert (kept["state"], kept["code"], kept["number"]) == ("failed", "MSG209", "H1")
    (made,) = place.all("paper")
    assert (made["ref"], made["state"]) == ("H1", "sent")
    assert made["told"].endswith("<Heard")
    process(place.runtime, str(kept["id"]))
    assert len(place.all("paper")) == 1


def test_what_leaves_has_its_own_number() -> None:
    place = office()
    place.raise_("clerk", "enter", "paper", ref="A & B")
    place.deliver()
    ((_, body),) = place.sent.messages.values()
    (out,) = place.all(MESSAGE, direction="out")
    assert len(str(out["number"])) == 36
    assert body.decode().endswith(f'<Paper id="{out["number"]}"><Ref>A &amp; B</Ref></Paper>')


def test_what_comes_after_the_end_is_kept() -> None:
    place = office()
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    take_in(place.runtime, "in", result(row("A", "1", "好")))
    place.raise_("clerk", "close", "paper", paper)
    found = take_in(place.runtime, "in", result(row("A", "2", "不好"), number="R-2"))
    assert (place.values("paper", paper)["state"], landed(place, found)["state"]) == ("closed", "processed")


def test_documents_go_together_as_many_in_one_as_the_mapping_says() -> None:
    files = {
        "desk/mappings/papers_out.yaml": """mapping: papers_out
document: paper
format: xml
to: out
message: {root: Papers, most: 2}
each: Paper
tree: {Paper: {Ref: ref}, Sender: "'x'"}
""",
        "desk/paper/machine.yaml": PAPER["desk/paper/machine.yaml"]
        .replace("LATE", "keep")
        .replace("do: [{send: paper_out}]", "do: []")
        .replace(
            "events:\n", "events:\n  all: {title: 全, from: sent, by: clerk, do: [{send: papers_out, of: paper}]}\n"
        ),
    }
    place = Office({**PAPER, **files}, xml=LxmlMessages)
    made = [place.raise_("clerk", "enter", "paper", ref=ref).record_id for ref in "ABC"]
    place.raise_("clerk", "all", "paper", made[0])
    place.deliver()
    bodies = sorted(body.decode().partition("?>\n")[2] for _, body in place.sent.messages.values())
    assert [body.count("<Paper>") for body in bodies] == [2, 1]
    assert all(body.count("<Sender>x</Sender>") == 1 for body in bodies)


GUARDED = {
    **PAPER,
    "desk/paper/machine.yaml": PAPER["desk/paper/machine.yaml"].replace("LATE", "keep"),
    "desk/mappings/paper_back.yaml": PAPER["desk/mappings/paper_back.yaml"]
    + "accept: [{once: message.id, for: 1 day, code: again}, {when: message.id != 'X', code: never}]\n",
    "desk/mappings/paper_line.yaml": """mapping: paper_line
format: csv
tree: {Ref: ref, Code: {value: code, in: results}}
match: [{document: paper, by: [ref]}]
event: code.event
""",
    "desk/mappings/paper_news.yaml": """mapping: paper_news
format: json
tree: {no: ref, ok: {value: ok, type: boolean}}
match: [{document: paper, by: [ref]}]
event: "'take' if ok else 'late'"
""",
    "desk/interfaces.yaml": """channels: {lines: {title: 行, mapping: paper_line}, news: {title: 消息}}
listens:
  mine: {title: 本方, from: news, topic: =values.me, mapping: paper_news}
""",
    "desk/values/me.yaml": "values: {me: {title: 本方, type: text, value: A1}}",
}


def test_a_channel_that_is_listened_to_says_which_mapping_reads() -> None:
    place = Office(GUARDED, xml=LxmlMessages)
    first, second = (place.raise_("clerk", "enter", "paper", ref=ref).record_id for ref in ("A", "B"))
    found = take_in(place.runtime, "lines", Arrived(b"Ref,Code\r\nA,1\r\n", "L-1"))
    assert (landed(place, found)["kind"], place.values("paper", first)["state"]) == ("paper_line", "taken")
    other = take_in(place.runtime, "news", Arrived(b'{"no": "B", "ok": true}', "N-1", headers={"topic": "A2"}))
    assert (landed(place, other)["state"], place.values("paper", second)["state"]) == ("quarantined", "sent")
    take_in(place.runtime, "news", Arrived(b'{"no": "B", "ok": true}', "N-2", headers={"topic": "A1"}))
    assert place.values("paper", second)["state"] == "taken"


def test_guards_of_a_mapping_let_the_same_message_in_again_and_no_other_of_its_number() -> None:
    place = Office(GUARDED, xml=LxmlMessages)
    found = take_in(place.runtime, "in", result(row("A", "1"), number="R-1"))
    assert landed(place, found)["state"] == "unmatched"
    paper = place.raise_("clerk", "enter", "paper", ref="A").record_id
    again = take_in(place.runtime, "other", result(row("A", "1"), number="R-1"))
    assert (landed(place, again)["state"], place.values("paper", paper)["state"]) == ("failed", "sent")
    retry(place.runtime, place.people["clerk"], [again, found])
    place.deliver()
    assert (landed(place, again)["state"], landed(place, found)["state"]) == ("failed", "processed")
    turned = take_in(place.runtime, "in", result(row("A", "2"), number="X"))
    assert (landed(place, turned)["state"], landed(place, turned)["code"]) == ("failed", "MSG209")
