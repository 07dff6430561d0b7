"""Where a worker that runs one task after another lets other threads have the GIL."""


def give_way() -> None:
    """Do nothing: at the entry of a Python function a thread hands the GIL to one that has asked for it.

    Releasing it from C is no substitute. Whoever releases and takes it again is faster than the kernel wakes the one
    that waits; and that one, having been woken, begins its switch interval anew and never comes to ask.
    """
