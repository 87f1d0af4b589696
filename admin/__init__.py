"""Admin: the configurators' studio and the operators' consoles, a Flask blueprint on the use cases.

Its pages stand in the frame of `engine.web` and are there for administrators alone.
"""

from admin.channels import channels
from admin.console import blueprint
from admin.enterprise import enterprise
from admin.licence import licence
from admin.listening import listening
from admin.log import log
from admin.messages import messages
from admin.monitor import monitor
from admin.security import security

__all__ = ["blueprint"]
PAGES = (monitor, messages, listening, log, enterprise, channels, security, licence)
"""The rooms of the operator; each stands at the blueprint once its module is read."""
