"""Fixtures of all tests, and the frame of a run: what the run's servers share is made first and removed last."""

import pytest

from tests.servers import browser, close_run, open_run, page, postgres_folder, postgres_url

__all__ = ["browser", "page", "postgres_folder", "postgres_url"]


def pytest_configure(config: pytest.Config) -> None:
    open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    close_run()
