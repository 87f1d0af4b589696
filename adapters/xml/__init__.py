"""XML by lxml: reading without entities, schemas, canonical form. The one package that imports it."""
