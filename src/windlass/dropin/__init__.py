"""Stand-ins for modules of the standard library: change the import line, and nothing else."""
