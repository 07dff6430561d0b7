"""Who watches the tasks of a master or a pool; README.md of windlass/master has when each is told."""
