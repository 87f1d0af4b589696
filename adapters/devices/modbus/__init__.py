"""Modbus RTU: frames, relays and inputs, climate and voltage sensors."""
