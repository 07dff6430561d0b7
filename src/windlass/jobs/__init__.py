"""Calls made in the background, whose results are handed to a storage function."""

from windlass.jobs.dock_master import DockMaster as DockMaster
from windlass.jobs.job import Job as Job

__all__ = ["DockMaster", "Job"]
