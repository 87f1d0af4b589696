"""Devices that are not there: byte-exact models, faults to order, pseudo-terminals to reach them by."""
