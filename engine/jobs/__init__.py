"""Work by the clock: when a job is due. What it does then is a use case."""
