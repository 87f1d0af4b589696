"""Cryptography: fields and files at rest, passwords, and all that signs.

`fields`, `keys` and `passwords` serve the database. Signatures stand in layers: libraries (`openssl`, `swift`,
`native`, `pure`) behind `primitives`; who holds keys (`holders`, `store`, `remote`, `token`); `provider` above both
with forms and checks; messages (`gmt0010`) and certificates (`trust`) above that; `room` puts a node's own together.
"""
