"""Devices on serial lines: protocols as bytes and events alone, thin shells, simulators with faults to order."""
