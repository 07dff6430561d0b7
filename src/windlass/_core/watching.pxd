"""Watch many tasks with one watcher."""
