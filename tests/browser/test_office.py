"""A first office's main job in a real browser: from a registered person to the report, its result, the statistics.

The steps lie in `office_persons`, `office_forms` and `office_papers`.
"""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.office import Office
from tests.browser.office_forms import agree, file_persons, fill_forms
from tests.browser.office_papers import overviews, pack, report, results, scan
from tests.browser.office_persons import bring_in_earlier, paste, register, send_workbook


def test_from_a_person_to_the_report_and_what_comes_of_it(office: Office, browser: Browser):
    office.open("/", "clerk_housing")
    _token(office)
    register(office)
    paste(office)
    send_workbook(office)
    bring_in_earlier(office)
    file_persons(office)
    fill_forms(office)
    agree(office, browser)
    pack(office)
    scan(office)
    report(office)
    results(office)
    overviews(office)


def _token(office: Office) -> None:
    page = office.open("/account")
    page.get_by_label("用途").fill("结果")
    page.get_by_role("button", name="签发令牌").click()
    office.token = page.locator(".secret").inner_text()
