"""What keeps people from using a page, as axe-core finds it; evaluated in the page, so that its policy stays on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']}"


def barriers(page: Page) -> list[tuple[str, str]]:
    """(rule, first place) of everything found on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"() => axe.run(document, {RULES})")["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
