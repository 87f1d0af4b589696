"""What keeps people from using a page, as axe-core finds it; evaluated in the page, so that its policy stays on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'], resultTypes: ['violations']}"


def barriers(page: Page) -> list[tuple[str, str]]:
    """(rule, first place) of everything found on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # What is right is told of every element too, and takes five times as long to hand over: it stays in the page.
    found = page.evaluate(f"async () => (await axe.run(document, {RULES})).violations")
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
