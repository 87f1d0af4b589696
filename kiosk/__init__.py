"""Kiosk: the touch front end of the cabinet, a Flask blueprint on the use cases."""
