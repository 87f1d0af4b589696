"""Messages over RocketMQ 5, where its optional client library is installed."""
