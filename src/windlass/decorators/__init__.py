"""Decorators that say how a function's calls are run: on which threads or processes, and how many at a time."""
