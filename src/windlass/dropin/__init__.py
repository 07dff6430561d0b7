"""Other libraries' names and contracts on windlass's engine: change one import line, keep the rest."""
