"""The end of a worker process whose parent has gone."""
