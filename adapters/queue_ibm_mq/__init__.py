"""Messages over IBM MQ."""
