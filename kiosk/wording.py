"""Texts of the kiosk and of the page of simulated devices; knows neither requests nor definitions."""

from __future__ import annotations

from pathlib import Path

from engine.web.wording import Catalogue

KIOSK = Catalogue(Path(__file__).with_name("wording.json"))
SIMULATOR = Catalogue(Path(__file__).with_name("simulator.json"))
