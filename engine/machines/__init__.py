"""State machines: may this event happen here, where does it lead, which clocks start and stop. Pure."""
