"""Documents in a database, SQLite or PostgreSQL: the `DocumentStore` of the ports over SQLAlchemy Core."""
