"""Mobile modules on AT commands: lines, short messages, what is asked and sent."""
