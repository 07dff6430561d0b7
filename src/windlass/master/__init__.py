"""Master and its pre-initialised worker processes; README.md says how it works."""
