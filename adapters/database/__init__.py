"""Documents in a database, SQLite or PostgreSQL: the `DocumentStore` of the ports over SQLAlchemy Core.

The way down: `store` opens a `unit`; a unit reads through `selection` (conditions: `criteria`, `conditions`, `queries`;
pages: `paging`) and writes through `writing` and `bulk`. What a document type looks like in tables is said by `tables`,
`names`, `convert` and `protection`; its fixed statements are in `statements`. Beside documents there are `history` with
`sealing`, the `outbox`, and what `fixed` lists. The schema follows the definitions through `evolution` (`differences`,
`steps`, `recoding`). `engine` alone knows connections.
"""
