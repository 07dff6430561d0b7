"""How late this machine wakes a thread at best. Called from Python only."""
