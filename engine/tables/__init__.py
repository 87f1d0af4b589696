"""Decision tables: cell texts are parsed, checked against each other, indexed, and decide by DMN's hit policies."""
