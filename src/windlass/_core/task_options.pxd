"""What few tasks have: everything beside the call, its priority and its outcome."""


cdef class TaskOptions:
    cdef public object callback_func    # called with the value of a success, before the task has ended
    cdef public object semaphore        # held while the call and its callback run
    cdef public bint store_return       # whether the value is kept
    cdef public object name
    cdef public object uuid             # made when first asked for
    cdef public object deadline         # monotonic seconds: not started by then, it fails with WaitTimeout

    cdef object run(self, object fn, object args, object kwargs, object task)
