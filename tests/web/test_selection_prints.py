"""Several prints as one: the button of a selection, the records chosen or all that match, nobody else's."""

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.engine.usecases.paper_files import LINE
from tests.web.conftest import PASSWORD
from tests.web.test_papers import SYSTEM_FILES


@pytest.fixture
def office():
    made = Office(SYSTEM_FILES)
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    for number, who in enumerate(("clerk", "clerk", "clerk", "stranger")):
        made.raise_(who, "enter", "order", name=f"单{number}", secret="12345678", lines=[LINE])
    return made


def pieces(office):
    items = [item for one in office.all("_piece") for item in one["items"]]
    return sorted(office.values("order", record)["name"] for _, record, _ in items)


def test_a_selection_offers_its_prints(clerk):
    page = clerk.get("/d/order").text
    assert 'name="print" value="slip" formaction="/d/order/batch"' in page
    assert 'name="id"' in page


def test_chosen_records_are_printed(office, clerk):
    ids = [one["id"] for one in office.all("order") if one["name"] in {"单0", "单2"}]
    answer = clerk.post("/d/order/batch", {"id": ids, "print": "slip"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/batches/")
    assert pieces(office) == ["单0", "单2"]


def test_all_that_match_are_printed_and_nothing_of_others(office, clerk):
    assert clerk.post("/d/order/batch", {"matching": "1", "print": "slip"}).status_code == 303
    assert pieces(office) == ["单0", "单1", "单2"]


def test_filters_of_the_list_count(office, clerk):
    clerk.post("/d/order/batch", {"matching": "1", "print": "slip", "f.name": "单1"})
    assert pieces(office) == ["单1"]


def test_a_print_that_there_is_not(clerk, office):
    assert clerk.post("/d/order/batch", {"matching": "1", "print": "nothing"}).status_code == 404
    assert office.all("_piece") == []


def test_the_menu_leads_to_prints_in_groups_where_one_may_print(clerk, sign_in):
    def menu(browser):
        page = browser.get("/").text
        return page[page.index('id="menu"') : page.index("</nav>")]

    assert 'href="/batches"' in menu(clerk)
    assert 'href="/batches"' not in menu(sign_in("boss"))
