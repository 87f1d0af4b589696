"""Processes beside the one that serves people: for work that takes a processor, or handles what strangers sent."""
