"""Fixtures of all tests, and the frame of a run: what the run's servers share is made first and removed last."""

import os

import pytest

from tests.broker import broker, broker_alone, close_broker
from tests.servers import RUN_FOLDER, browser, close_run, open_run, page, postgres_folder, postgres_url

OFFICE = ("tests/browser/test_office.py", "tests/browser/test_main_job.py")
LONG = (*OFFICE, "tests/browser", "tests/journeys", "tests/web")
"""Files and folders whose tests take longest: they begin first, so that no worker ends with one of them alone."""
__all__ = ["broker", "broker_alone", "browser", "page", "postgres_folder", "postgres_url"]


def pytest_configure(config: pytest.Config) -> None:
    open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get(RUN_FOLDER, "").endswith(f"-{os.getpid()}"):
        close_broker()
    close_run()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG)))
