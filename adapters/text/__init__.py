"""Knowledge about written language."""
