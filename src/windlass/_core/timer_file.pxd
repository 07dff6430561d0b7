"""A timer that is a file, for event loops. Called from Python only."""
