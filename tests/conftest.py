"""Fixtures of all tests, and the frame of a run: what the run's servers share is made first and removed last."""

import os

import pytest

from tests.broker import broker, close_broker, own_broker
from tests.servers import RUN_FOLDER, browser, close_run, open_run, page, postgres_folder, postgres_url

__all__ = ["broker", "browser", "own_broker", "page", "postgres_folder", "postgres_url"]


def pytest_configure(config: pytest.Config) -> None:
    open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get(RUN_FOLDER, "").endswith(f"-{os.getpid()}"):
        close_broker()
    close_run()
