"""Admin: the configurators' studio and the operators' consoles, a Flask blueprint on the use cases.

Its pages stand in the frame of `engine.web` and are there for administrators alone.
"""

from admin.console import blueprint

__all__ = ["blueprint"]
