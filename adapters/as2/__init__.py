"""Messages of partners over AS2 (RFC 4130): signed, encrypted, answered by a receipt."""
