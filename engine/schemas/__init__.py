"""JSON Schemas of all kinds of definitions, one file each; read by the loader, by editors and by the administration."""
