"""The one projection: which rows, fields, events and prints an actor may have. Every door asks here."""
