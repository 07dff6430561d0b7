# cython: binding=False, embedsignature=True, embedsignature.format=clinic, auto_pickle=False
"""The results of ``Executor.map``, in order.

A generator would do the same at twice the cost, and could not go on after an error.
"""
from windlass._core.clock cimport NEVER_NS, deadline_ns, now_ns


cdef class MapResults:
    """An iterator over the results of futures, in their order.

    Args:
        timeout: Longest wait for all of them, seconds from now; None for no limit.
        survives: Whether the iteration goes on after an exception of a call. If not, the rest is cancelled.

    Thread safety:
        One thread at a time.
    """

    def __init__(self, timeout: float | None, bint survives) -> None:
        self.deadline_ns = deadline_ns(timeout, True)
        self.survives = survives
        self.pending = []

    def begin(self, list futures not None, more):
        """Give the results of ``futures``.

        Args:
            futures: What was submitted so far.
            more: None, or what submits one more call: it returns a future, or None when there are no more.

        Returns:
            This iterator.
        """
        self.pending = futures
        self.pending.reverse()
        self.more = more
        return self

    def __iter__(self):
        return self

    def __next__(self):
        cdef bint goes_on = False
        self.begun = True
        if not self.pending:
            raise StopIteration
        try:
            self.refill()
            future = self.pending.pop()     # no reference to what was given out is kept
            try:
                result = self.result_of(future)
            finally:
                # Also the one that was waited for in vain.
                goes_on = future.done()
                if not goes_on:
                    future.cancel()
                future = None
            return result
        except BaseException:
            if not (self.survives and goes_on):
                self.close()
            raise

    cdef object result_of(self, object future):
        if self.deadline_ns == NEVER_NS:
            return future.result()
        return future.result((self.deadline_ns - now_ns()) / 1e9)

    cdef int refill(self) except -1:
        # One more for the one about to be given out.
        if self.more is None:
            return 0
        future = self.more()
        if future is None:
            self.more = None
        else:
            self.pending.insert(0, future)
        return 0

    def close(self) -> None:
        """End the iteration and cancel the calls that have not started."""
        cdef list pending = self.pending
        self.pending, self.more = [], None
        while pending:
            pending.pop().cancel()

    def __del__(self):
        if self.begun:
            self.close()
