"""Scans that come back: pages find their documents, nothing is lost, nothing happens twice, nobody learns of others."""

from dataclasses import replace

import pytest

from engine.problems import Refused
from engine.testing.office import Office, PlainScans
from engine.usecases import scans
from engine.usecases.page_filing import file_by_hand, file_next
from engine.usecases.prints import make_print
from engine.usecases.scans import open_pages, picture_of, put_aside, scan_view, take_scan
from tests.engine.usecases.paper_files import FILES, LINE


@pytest.fixture(scope="module")
def definitions():
    return FILES


@pytest.fixture
def office(store):
    return Office(FILES, store=store)


@pytest.fixture
def clerk(office):
    return office.people["clerk"]


def entered(office, who="clerk", name="甲"):
    return office.raise_(who, "enter", "order", name=name, secret="12345678", lines=[LINE]).record_id


def code(office, record, who="clerk"):
    """What the code on a print of a record says."""
    make_print(office.runtime, office.people[who], "order", record, "slip")
    papers = office.all("_paper", record_id=record)
    return f"https://office.test/v/{papers[-1]['token']}"


def bring(office, *codes, who="clerk"):
    """A PDF whose pages have these codes, taken in and read."""
    content = "\n".join(("%PDF-1.7", *codes)).encode()
    taken = take_scan(office.runtime, office.people[who], content, "scan.pdf")
    while file_next(office.runtime):
        pass
    return scan_view(office.runtime, office.people[who], taken.id)


def test_each_page_finds_its_document_and_several_pages_are_one_file(office, clerk):
    first, second = entered(office), entered(office, name="乙")
    view = bring(office, code(office, first), code(office, second), code(office, first))
    assert [page.state for page in view.pages] == ["filed"] * 3
    assert [page.label for page in view.pages] == ["甲 DD20260001", "乙 DD20260002", "甲 DD20260001"]
    assert view.pages[0].link == ("order", first)
    kept = office.values("order", first)["scan"]
    assert (kept.name, kept.media) == ("DD20260001-slip.pdf", "application/pdf")
    assert office.runtime.files.get(kept.hash).count(b"\xff\xd8\xff") == 2


def test_the_same_scan_again_does_nothing_again(office, clerk):
    record = entered(office)
    said = code(office, record)
    first = bring(office, said)
    version = office.values("order", record)["version"]
    assert bring(office, said).id == first.id
    office.account("colleague", "clerk", office.org)
    again = bring(office, said, who="colleague")
    assert (again.id != first.id, again.pages[0].state) == (True, "filed")
    assert office.values("order", record)["version"] == version


def test_a_page_without_a_code_waits_for_a_hand(office, clerk):
    record = entered(office)
    view = bring(office, "some advertisement")
    (page,) = view.pages
    assert (page.state, page.label, page.link) == ("unread", "", None)
    assert [one.id for one in open_pages(office.runtime, clerk)] == [page.id]
    with pytest.raises(Refused):
        file_by_hand(office.runtime, clerk, page.id, "slip", "DD20269999")
    file_by_hand(office.runtime, clerk, page.id, "slip", " DD20260001 ")
    assert open_pages(office.runtime, clerk) == ()
    assert office.values("order", record)["scan"] is not None
    file_by_hand(office.runtime, clerk, page.id, "slip", "DD20260001")  # a double click
    put_aside(office.runtime, clerk, page.id)
    assert scan_view(office.runtime, clerk, view.id).pages[0].state == "filed"


def test_a_page_can_be_put_aside_and_is_kept(office, clerk):
    (page,) = bring(office, "").pages
    put_aside(office.runtime, clerk, page.id)
    assert open_pages(office.runtime, clerk) == ()
    assert picture_of(office.runtime, clerk, page.id, small=True) == b"small"


def test_a_page_of_another_unit_is_as_unknown_as_one_without_a_code(office, clerk):
    theirs = entered(office, "stranger")
    said = code(office, theirs, "stranger")
    views = [bring(office, said), bring(office, "nothing"), bring(office, f"https://office.test/v/{'A' * 26}")]
    told = {(view.pages[0].state, view.pages[0].label, str(view.pages[0].trouble)) for view in views}
    assert len(told) == 1
    for number in ("DD20260001", "DD20260002"):  # there is one of the other unit; there is none
        with pytest.raises(Refused) as caught:
            file_by_hand(office.runtime, clerk, views[0].pages[0].id, "slip", number)
        assert [finding.text["zh"] for finding in caught.value.findings] == ["没有找到这个编号的单据"]
    assert office.values("order", theirs)["scan"] is None


def test_pages_are_seen_by_the_unit_of_who_brought_them(office, clerk):
    (page,) = bring(office, "nothing").pages
    office.account("colleague", "clerk", office.org)
    assert [one.id for one in open_pages(office.runtime, office.people["colleague"])] == [page.id]
    for who in ("stranger", "leader"):
        assert open_pages(office.runtime, office.people[who]) == ()
        for ask in (put_aside, lambda *about: picture_of(*about, small=False)):
            with pytest.raises(Refused):
                ask(office.runtime, office.people[who], page.id)


def test_pages_of_a_known_document_are_seen_by_those_who_see_it(store):
    access = FILES["desk/order/access.yaml"].replace("rows: org == user.org", "rows: created_by == user.id", 1)
    office = Office({**FILES, "desk/order/access.yaml": access}, store=store)
    first, second = entered(office), entered(office, name="乙")
    said = code(office, first), code(office, second)
    office.account("colleague", "clerk", office.org)
    office.raise_("clerk", "drop", "order", second, asked={"reason": "错"})
    filed, refused = bring(office, *said).pages
    assert (filed.state, refused.state) == ("filed", "refused")
    assert picture_of(office.runtime, office.people["clerk"], filed.id, small=False)
    assert open_pages(office.runtime, office.people["colleague"]) == ()
    for page in (filed, refused):
        with pytest.raises(Refused):
            picture_of(office.runtime, office.people["colleague"], page.id, small=False)


def test_what_a_document_refuses_is_told_and_kept(office, clerk):
    record = entered(office)
    said = code(office, record)
    office.raise_("clerk", "drop", "order", record, asked={"reason": "错"})
    (page,) = bring(office, said).pages
    assert (page.state, page.label) == ("refused", "甲 DD20260001")
    assert "采集" in page.trouble["zh"]
    assert [one.id for one in open_pages(office.runtime, clerk)] == [page.id]


def test_an_old_paper_is_not_filed_by_itself(office, clerk):
    record = entered(office)
    said = code(office, record)
    office.raise_("clerk", "change", "order", record, name="改")
    (page,) = bring(office, said).pages
    assert (page.state, page.label) == ("refused", "改 DD20260001")
    assert office.values("order", record)["scan"] is None
    file_by_hand(office.runtime, clerk, page.id, "slip", "DD20260001")
    assert office.values("order", record)["scan"] is not None


def test_reading_goes_on_where_it_was_stopped(office, clerk, monkeypatch):
    record = entered(office)
    said = code(office, record)
    content = f"%PDF-1.7\n{said}\nnothing".encode()
    taken = take_scan(office.runtime, clerk, content, "s.pdf")

    class Killed(PlainScans):
        def bind(self, pictures):
            raise KeyboardInterrupt

    whole, office.runtime = office.runtime, replace(office.runtime, scans=Killed())
    with pytest.raises(KeyboardInterrupt):
        file_next(office.runtime)
    office.runtime = whole
    assert not file_next(office.runtime)
    office.clock.move(seconds=91)
    assert file_next(office.runtime)
    view = scan_view(office.runtime, clerk, taken.id)
    assert (view.state, [page.state for page in view.pages]) == ("done", ["filed", "unread"])


@pytest.mark.parametrize("reason", ["broken", "pixels"])
def test_a_scan_that_cannot_be_read_is_told_and_can_be_sent_again(office, clerk, reason):
    view = bring(office, reason)
    assert view.state == "failed"
    assert view.trouble["zh"]
    assert view.trouble["en"]
    assert take_scan(office.runtime, clerk, f"%PDF-1.7\n{reason}".encode(), "again.pdf").state == "waiting"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "PDF"),
        (b"", "PDF"),
        (b"MZ\x90\x00\xff\xfe", "PDF"),
        (b"%PDF-" + b"0" * (1 << 10), "MB"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2, "dpi"),
    ],
)
def test_what_is_no_scan_is_refused_with_a_reason(office, clerk, content, said, monkeypatch):
    monkeypatch.setattr(scans, "LARGEST", 1 << 9)
    with pytest.raises(Refused) as caught:
        take_scan(office.runtime, clerk, content, "../../x<script>.pdf")
    assert said in caught.value.findings[0].text["zh"]
    assert office.all("_scan") == []


def test_who_files_nothing_may_bring_nothing(office):
    with pytest.raises(Refused) as caught:
        take_scan(office.runtime, office.people["boss"], b"%PDF-1.7", "s.pdf")
    assert caught.value.kind == "forbidden"


def test_nobody_elses_scan_can_be_looked_at(office, clerk):
    view = bring(office, "nothing")
    with pytest.raises(Refused):
        scan_view(office.runtime, office.people["stranger"], view.id)
