"""The servers that tests stand on are real ones."""

import struct

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, text


def test_postgres_answers_a_query(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("create table greeting (words text not null)"))
        connection.execute(text("insert into greeting values ('规矩')"))
        version, words = connection.execute(text("select version(), words from greeting")).one()
    engine.dispose()
    assert version.startswith("PostgreSQL ")
    assert words == "规矩"


def test_postgres_database_is_the_modules_own(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("select current_database()")).scalar_one().startswith("test_")
    engine.dispose()


def test_page_is_drawn(page: Page) -> None:
    page.goto("data:text/html;charset=utf-8,<h1>规矩</h1>")
    expect(page.get_by_role("heading")).to_have_text("规矩")
    picture = page.screenshot()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1366, 768)


def test_breach_of_the_security_policy_is_heard(browser: Browser) -> None:
    context = browser.new_context()
    opened = context.new_page()
    with opened.expect_console_message(lambda line: "Content Security Policy" in line.text):
        opened.goto(
            "data:text/html,<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\"><script>1</script>"
        )
    context.close()
