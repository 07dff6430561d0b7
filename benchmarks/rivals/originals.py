"""The libraries that windlass stands in for and that nobody can install today; pyaltt has an adapter of its own."""

from rivals.rival import Rival

UNPUBLISHED = "cannot be installed: not on PyPI, looked up on 2026-11-21"

RIVALS = (
    Rival("PyMultiTasking", "PyMultiTasking", None, (), gone=UNPUBLISHED),
    Rival("DockMaster", "dockmaster", None, (), gone="cannot be installed: dockmaster on PyPI is a tool for Docker"),
    Rival("DumbPipelineBox", "lib.master", None, (), gone=UNPUBLISHED),
    Rival("pypfp", "pypfp", None, (), gone=UNPUBLISHED),
)
