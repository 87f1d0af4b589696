"""Signatures on paper: who agreed, with which words and when; never those of a round that was given up."""

from dataclasses import replace

import pytest

from engine.checks import check
from engine.loading import MemoryTree, load
from engine.testing.office import BASE, Office
from engine.testing.orders import ORDER
from engine.usecases.papers import verify_paper
from engine.usecases.prints import make_print
from engine.usecases.tasks import sign_task
from engine.usecases.views import Decision

SHEET = """{% for one in signatures %}<p>{{ one.step }} {{ one.signer }}/{{ one.signer.org }} {{ one.decision }}
{{ one.opinion }} {{ one.at | datetime }}</p>{% else %}<p>无</p>{% endfor %}
{% for one in signatures if one.step == 'second' and one.decision == 'agree' %}<b>{{ one.opinion }}</b>{% endfor %}"""
FILES = {
    **ORDER,
    "desk/order/access.yaml": ORDER["desk/order/access.yaml"].replace('read: "*", ', 'read: "*", print: "*", '),
    "desk/order/prints/slip.yaml": "print: slip\ntitle: 条子\ndocument: order\ntemplate: slip.html\n",
    "desk/order/prints/slip.html": SHEET,
    "desk/order/prints/plain.yaml": "print: plain\ntitle: 平条\ndocument: order\ntemplate: plain.html\n",
    "desk/order/prints/plain.html": "<p>{{ name }}</p>",
}


@pytest.fixture(scope="module")
def definitions():
    return FILES


@pytest.fixture
def office(store):
    return Office(FILES, store=store)


@pytest.fixture
def submitted(office):
    line = {"item": "笔", "qty": "3", "price": "200"}
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[line]).record_id
    office.raise_("clerk", "submit", "order", record)
    return record


def decide(office, who, outcome, comment):
    office.clock.move(hours=1)
    task = next(t for t in office.all("_task", status="open") if t["assignee"] == office.people[who].id)
    sign_task(office.runtime, office.people[who], str(task["id"]), Decision(outcome, comment))


def printed(office, record, who="clerk", form="slip", language="zh"):
    actor = replace(office.people[who], language=language)
    made = make_print(office.runtime, actor, "order", record, form)
    body = office.runtime.files.get(made.hash).decode()
    return " ".join(body[body.index("<p>") : body.rindex(">")].split())


def test_signers_opinions_and_times_stand_on_paper(office, submitted):
    assert "<p>无</p>" in printed(office, submitted)
    decide(office, "leader", "agree", "可以")
    once = printed(office, submitted)
    assert "<p>领导 leader/ 同意 可以 2026-05-06 10:00</p>" in once
    assert "second" not in once
    decide(office, "second", "agree", "")
    decide(office, "boss", "agree", "买吧")
    whole = printed(office, submitted)
    assert [whole.index(name) for name in ("leader", "second", "boss")] == sorted(
        whole.index(name) for name in ("leader", "second", "boss")
    )
    assert "<b>买吧</b>" in whole


def test_a_refusal_stands_there_too(office, submitted):
    decide(office, "leader", "refuse", "太贵")
    for language in ("zh", "en"):  # paper says the same whoever prints it
        assert "<p>领导 leader/ 不同意 太贵" in printed(office, submitted, language=language)


def test_signing_alone_makes_an_archived_paper_old(office, submitted):
    version = office.values("order", submitted)["version"]
    first, plain = printed(office, submitted), printed(office, submitted, form="plain")
    decide(office, "leader", "agree", "可以")
    assert office.values("order", submitted)["version"] == version
    assert printed(office, submitted) != first
    assert (printed(office, submitted, form="plain"), len(office.all("_printed", print="plain"))) == (plain, 1)
    assert printed(office, submitted) == printed(office, submitted)
    assert len(office.all("_printed", print="slip")) == 2


def test_a_paper_that_names_signers_and_its_reader_can_be_verified(store):
    bound = {
        "desk/order/prints/proof.yaml": "print: proof\ntitle: 证明\ndocument: order\ntemplate: proof.html\n"
        "verify: {facts: {name: plain}}\n",
        "desk/order/prints/proof.html": "<p>{{ user }}</p>{% for one in signatures %}<p>{{ one.opinion }}"
        "</p>{% endfor %}",
    }
    office = Office({**FILES, **bound}, store=store)
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[{"item": "笔", "qty": 1, "price": 1}]).record_id
    office.raise_("clerk", "submit", "order", record)
    decide(office, "leader", "agree", "可以")
    assert "可以" in printed(office, record, form="proof")
    (paper,) = office.all("_paper")
    assert verify_paper(office.runtime, paper["token"]).verdict == "agrees"
    decide(office, "second", "agree", "同意")
    assert "同意" in printed(office, record, form="proof")
    assert len(office.all("_paper")) == 2


@pytest.mark.parametrize("way", ["back", "recall"])
def test_what_was_signed_in_a_round_that_was_given_up_is_on_no_paper(office, submitted, way):
    decide(office, "leader", "agree", "可以")
    if way == "recall":
        office.raise_("clerk", "recall", "order", submitted)
    else:
        decide(office, "second", "return", "写清")
    assert "<p>无</p>" in printed(office, submitted)
    office.raise_("clerk", "submit", "order", submitted)
    decide(office, "leader", "agree", "现在可以")
    again = printed(office, submitted)
    assert "现在可以" in again
    assert again.count("leader") == 1


def test_what_is_behind_a_signer_follows_access(office, submitted):
    decide(office, "leader", "agree", "可以")
    body = printed(office, submitted)
    assert "leader/ 同意" in body  # clerks read nothing of accounts but their names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{% for one in signatures %}{{ one.opinon }}{% endfor %}", "PRT002"),
        ("{% for one in signatures if one.step == 'frist' %}{% endfor %}", "PRT013"),
        ("{% for one in signatures if one.decision == 'agreed' %}{% endfor %}", "PRT013"),
        ("{{ signatures }}", "PRT010"),
    ],
)
def test_misspelt_names_of_signatures_are_found(text, code):
    checked = check(load(MemoryTree({**BASE, **FILES, "desk/order/prints/plain.html": text})))
    assert [one.code for one in checked.problems if one.where.file.endswith("plain.html")] == [code]


def test_a_document_without_approvals_has_no_signatures():
    letter = {
        "desk/letter/prints/note.yaml": "print: note\ntitle: 便条\ndocument: letter\ntemplate: note.html\n",
        "desk/letter/prints/note.html": "{% for one in signatures %}{% endfor %}",
    }
    checked = check(load(MemoryTree({**BASE, **FILES, **letter})))
    assert "PRT002" in [one.code for one in checked.problems]
