"""Sources: what has rows. Expressions over documents become conditions that a store can answer."""
