"""Papers that went out: the public page says whether they agree with the data, and nothing that it need not."""

import re
from base64 import b64decode
from dataclasses import replace

import pytest

from engine.testing.office import Office
from engine.usecases.papers import PaperView, token_in, verify_paper
from engine.usecases.prints import make_print
from tests.engine.usecases.paper_files import FILES, LINE


@pytest.fixture
def office(store):
    return Office(FILES, store=store)


@pytest.fixture
def entered(office):
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[LINE]).record_id


def printed(office, who, record):
    """The HTML of a print, and the token on it."""
    made = make_print(office.runtime, office.people[who], "order", record, "slip")
    html = office.runtime.files.get(made.hash).decode()
    return html, token_on(html)


def token_on(html):
    picture = b64decode(re.search(r"base64,([\w+/=]+)", html)[1]).decode()
    address = re.search(r"<title>(.*?)</title>", picture)[1]
    assert address.startswith("https://office.test/v/")
    return token_in(address)


def facts(view: PaperView):
    return {title.zh: text for title, text in view.facts}


def test_a_fresh_paper_agrees_and_shows_masked_facts_only(office, entered):
    _, token = printed(office, "clerk", entered)
    view = verify_paper(office.runtime, token)
    assert (view.verdict, view.title.zh) == ("agrees", "订单")
    assert facts(view) == {"编号": "DD20260001", "名称": "甲", "证号": "1***8", "状态": "草稿"}


def test_the_same_content_printed_again_has_the_same_token(office, entered):
    html, token = printed(office, "clerk", entered)
    office.raise_("clerk", "change", "order", entered, note="另")
    again, other = printed(office, "clerk", entered)
    assert (again, other) == (html, token)
    assert verify_paper(office.runtime, token).verdict == "agrees"


@pytest.mark.parametrize(
    "changed",
    [{"name": "乙"}, {"lines": [{**LINE, "item": "纸"}]}, {"lines": [LINE, {"item": "墨", "qty": "1", "price": "2"}]}],
)
def test_a_paper_of_other_data_differs_until_a_newer_one_replaces_it(office, entered, changed):
    _, token = printed(office, "clerk", entered)
    office.raise_("clerk", "change", "order", entered, **changed)
    told = verify_paper(office.runtime, token)
    assert (told.verdict, told.facts) == ("differs", ())
    office.clock.move(minutes=1)
    _, newer = printed(office, "clerk", entered)
    assert newer != token
    assert verify_paper(office.runtime, token).verdict == "replaced"
    assert verify_paper(office.runtime, newer).verdict == "agrees"


def test_a_paper_whose_document_is_no_longer_good_is_revoked(office, entered):
    _, token = printed(office, "clerk", entered)
    office.raise_("clerk", "drop", "order", entered, asked={"reason": "错"})
    told = verify_paper(office.runtime, token)
    assert (told.verdict, told.facts) == ("revoked", ())


def test_a_paper_of_a_deleted_document_is_revoked(office, entered):
    _, token = printed(office, "clerk", entered)
    office.raise_("clerk", "remove", "order", entered)
    assert verify_paper(office.runtime, token).verdict == "revoked"


@pytest.mark.parametrize("token", ["", "A" * 26, "a" * 26, "' or 1=1", "A" * 10_000, "\x00" * 26])
def test_a_token_that_nobody_gave_is_unknown(office, entered, token):
    printed(office, "clerk", entered)
    assert verify_paper(office.runtime, token).verdict == "unknown"


def test_tokens_depend_on_the_key_of_the_node(office, entered):
    _, token = printed(office, "clerk", entered)
    office.raise_("clerk", "change", "order", entered, note="另")  # else the archived one is given
    other = replace(office.runtime, secret=b"other")
    make_print(other, office.people["clerk"], "order", entered, "slip")
    tokens = {str(row["token"]) for row in office.all("_paper")}
    assert len(tokens) == 2
    assert token in tokens


def test_what_a_code_says():
    assert token_in("https://office.test/v/" + "A" * 26) == "A" * 26
    assert token_in("A" * 26) == "A" * 26
    assert token_in("https://elsewhere.test/w/" + "A" * 26) == ""
    assert token_in("DD20260001") == ""
