"""Rules over streams of events: when they fire. Pure; knows no store, no clock and no action."""
