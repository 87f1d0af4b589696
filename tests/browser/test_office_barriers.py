"""No page of a first office bars anybody: not at the desk by light or in the dark, not on a telephone."""

from __future__ import annotations

from tests.browser.barriers import barriers
from tests.browser.office import DESK, PHONE, Office

PAGES = {
    "clerk_housing": (
        *("/", "/tasks?tab=started", "/d/person", "/d/person/new/enter", "/d/person/import", "/d/history_import"),
        *("/d/filing_batch", "/d/filing_batch/new/enter", "/d/filing_record", "/p/filing_overview", "/d/exit_form"),
        *("/d/exit_form/new/enter", "/d/consent_letter", "/d/package", "/d/package/new/enter", "/scans", "/batches"),
        *("/p/overview", "/p/statistics", "/p/holdings", "/d/certificate", "/d/virtual_cabinet", "/d/alarm"),
    ),
    "hr_housing": ("/tasks", "/tasks?tab=done", "/notices"),
}
KINDS = ("person", "filing_batch", "exit_form", "consent_letter", "package", "certificate")


def test_no_page_of_the_office_bars_anybody(office: Office):
    """Every main page by light and in the dark at the desk; none hangs over the edge of a telephone."""
    page, found = office.page, {}
    for login, addresses in PAGES.items():
        office.open("/", login)
        firsts = [_first(office, kind) for kind in KINDS] if login == "clerk_housing" else []
        for address in (*addresses, *firsts):
            page.set_viewport_size(DESK)
            office.open(address)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                found[address, theme] = barriers(page)
            page.set_viewport_size(PHONE)
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found[address, "phone"] = [("hangs over the edge", f"{wide}px")] if wide > 0 else []
    assert not {where: what for where, what in found.items() if what}


def _first(office: Office, kind: str) -> str:
    page = office.open(f"/d/{kind}")
    return page.locator("#rows tbody tr .first a").first.get_attribute("href")
