"""Where each formula stands: one module a kind, each giving the formulas of that kind their scope and their type."""
