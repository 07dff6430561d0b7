"""Objects of a plain queue that has a bound, an order and a count of unfinished tasks.

Ordered items are a heap. Where ``compiled_less`` can tell which item is less, a put or get is one section under the
guard. Where only Python code can, the call takes the *turn*, a re-entrant lock, and searches the heap with the guard
released during each comparison; README.md, "Plain queues", has the protocol.
"""
from threading import RLock

cimport cython
from cpython.object cimport Py_LT, PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int64_t, uint64_t

from windlass._core cimport guard
from windlass._core.forks cimport forks
from windlass._core.object_heap cimport (
    FOUND,
    GIVEN_UP,
    HeapPath,
    heap_find_path,
    heap_find_place,
    heap_insert,
    heap_take_first,
)
from windlass._core.object_order cimport UNDECIDED, compiled_less
from windlass._core.object_ring cimport ring_append, ring_at, ring_reserve, ring_take_first, ring_take_last
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.plain_store cimport DONE, FULL, NONE_LEFT, SHUT_DOWN, TO_COMPARE, UNDER_MUTEX, PlainStore
from windlass._core.waitlist cimport (
    WaitNode,
    waitlist_add_lock_held,
    waitlist_pop_lock_held,
    waitlist_remove_lock_held,
    wake_and_release,
)


cdef extern from "Python.h":
    int rich_compare_bool "PyObject_RichCompareBool"(object, object, int) except -1
    list new_list "PyList_New"(Py_ssize_t n)    # its places are NULL: only for who fills it before anybody looks
    void set_item "PyList_SET_ITEM"(PyObject *items, Py_ssize_t at, PyObject *item) noexcept


# A search of a heap that lets Python code compare.
ctypedef struct Search:
    PyObject *store         # borrowed: the searching call holds it
    uint64_t version        # of the heap when the search began


cdef int _compare(void *context, PyObject *a, PyObject *b) except -2:
    # Called under the guard, and returns or raises under it. Gives up if the heap changed while it was released.
    cdef Search *search = <Search *> context
    cdef BoundedStore store
    cdef int less = compiled_less(a, b)
    if less != UNDECIDED:
        return less
    store = <BoundedStore> search.store
    left, right = <object> a, <object> b    # another thread, or the comparison itself, may take them out
    guard.unlock(&store.guard)
    try:
        less = rich_compare_bool(left, right, Py_LT)
    finally:
        left = right = None     # may run a finalizer: not under the guard
        guard.lock(&store.guard)
    return less if store.version == search.version else GIVEN_UP


@cython.auto_pickle(False)
cdef class BoundedStore(PlainStore):
    """Objects with a bound, an order and a count of unfinished tasks. Not for use from Python."""

    # ---- under the guard ----

    cdef bint full_lock_held(self) noexcept nogil:
        return self.bound > 0 and <Py_ssize_t> self.ring.count >= self.bound

    cdef int may_get_lock_held(self) noexcept nogil:
        if self.ring.count > 0:
            return DONE
        if self.over_lock_held():
            return UNDER_MUTEX
        return SHUT_DOWN if self.shut else NONE_LEFT

    cdef int may_put_lock_held(self) noexcept nogil:
        if self.over_lock_held():
            return UNDER_MUTEX
        if self.shut:
            return SHUT_DOWN
        return FULL if self.full_lock_held() else DONE

    cdef PyObject *taken_lock_held(self) noexcept nogil:
        # More than one place may be free: each get that made one has woken a putter for it.
        self.version += 1
        if self.putters.first == NULL or self.full_lock_held():
            return NULL
        return waitlist_pop_lock_held(&self.putters)

    cdef int push_lock_held(self, PyObject *item, size_t place, PyObject **getter) noexcept:
        if ring_reserve(&self.ring) < 0:
            return -1
        Py_INCREF(<object> item)
        if self.order == LEAST_FIRST:
            heap_insert(&self.ring, item, place)
        else:
            ring_append(&self.ring, item)
        self.version += 1
        self.unfinished += 1
        getter[0] = waitlist_pop_lock_held(&self.getters)
        return DONE

    # ---- put and get ----

    cdef int try_get(self, PyObject **item) except -1:
        cdef PyObject *putter = NULL
        cdef HeapPath path
        cdef int outcome
        guard.lock(&self.guard)
        outcome = self.may_get_lock_held()
        if outcome == DONE:
            if self.order == FIRST_IN_FIRST_OUT:
                item[0] = ring_take_first(&self.ring)
            elif self.order == LAST_IN_FIRST_OUT:
                item[0] = ring_take_last(&self.ring)
            elif self.comparing or heap_find_path(&self.ring, NULL, NULL, &path) == GIVEN_UP:
                outcome = TO_COMPARE
            else:
                item[0] = heap_take_first(&self.ring, &path)
        if outcome == DONE:
            putter = self.taken_lock_held()
        guard.unlock(&self.guard)
        if putter != NULL:
            wake_and_release(putter)
        return self.get_comparing(item) if outcome == TO_COMPARE else outcome

    cdef int try_put(self, object item) except -1:
        cdef PyObject *getter = NULL
        cdef size_t place = 0
        cdef int outcome
        guard.lock(&self.guard)
        outcome = self.may_put_lock_held()
        if outcome == DONE:
            if self.order == LEAST_FIRST and (
                self.comparing
                or heap_find_place(&self.ring, <PyObject *> item, NULL, NULL, &place) == GIVEN_UP
            ):
                outcome = TO_COMPARE
            else:
                outcome = self.push_lock_held(<PyObject *> item, place, &getter)
        guard.unlock(&self.guard)
        if getter != NULL:
            wake_and_release(getter)
        if outcome == TO_COMPARE:
            return self.put_comparing(item)
        if outcome < 0:
            raise MemoryError("no memory for another item")
        return outcome

    cdef int put_until(self, object item, int64_t deadline) except -1:
        cdef Parker parker = Parker()
        cdef WaitNode node
        cdef bint waiting
        cdef int outcome
        node.linked = False
        try:
            while True:
                outcome = self.try_put(item)
                if outcome != FULL:
                    return outcome
                guard.lock(&self.guard)
                # Looked at again under the lock that a get takes to find putters: no wake can be missed.
                waiting = self.full_lock_held() and not self.waiting_is_over
                if waiting and not node.linked:
                    waitlist_add_lock_held(&self.putters, &node, parker)
                guard.unlock(&self.guard)
                if waiting and parker.park_until(deadline, spin_limit(), None) == 0:
                    return self.try_put(item)
        finally:
            self.leave_putters(&node)

    cdef void leave_putters(self, WaitNode *node) noexcept:
        # A wake that this putter no longer needs belongs to the next one, while there is room.
        cdef PyObject *next_putter = NULL
        guard.lock(&self.guard)
        waitlist_remove_lock_held(&self.putters, node)
        if not self.full_lock_held():
            next_putter = waitlist_pop_lock_held(&self.putters)
        guard.unlock(&self.guard)
        wake_and_release(next_putter)

    cdef void wake_joiners(self) noexcept:
        cdef PyObject *joiner
        while self.unfinished == 0 and self.joiners.first != NULL:
            guard.lock(&self.guard)
            joiner = waitlist_pop_lock_held(&self.joiners)
            guard.unlock(&self.guard)
            wake_and_release(joiner)

    cdef list snapshot(self, uint64_t *version):
        cdef list items
        cdef Py_ssize_t n, at
        cdef bint taken = False
        while not taken:
            n = self.ring.count
            items = new_list(n)
            guard.lock(&self.guard)
            taken = <Py_ssize_t> self.ring.count == n
            version[0] = self.version
            for at in range(n if taken else 0):
                Py_INCREF(<object> ring_at(&self.ring, at))
                set_item(<PyObject *> items, at, ring_at(&self.ring, at))
            guard.unlock(&self.guard)
        return items

    # ---- comparing: a heap whose items only Python code can compare ----

    cdef object take_turn(self):
        cdef int forked = forks()
        turn = self.turn
        if turn is None or self.turn_forks != forked:
            fresh = RLock()
            guard.lock(&self.guard)
            if self.turn is turn:
                # After a fork the old one may be held by a thread that does not exist. `turn` keeps it alive.
                self.turn = fresh
                self.turn_forks = forked
                self.comparing = 0
            guard.unlock(&self.guard)
            turn = self.turn
        turn.acquire()
        guard.lock(&self.guard)
        self.comparing += 1
        guard.unlock(&self.guard)
        return turn

    cdef void end_turn(self, object turn) noexcept:
        guard.lock(&self.guard)
        if self.turn is turn:       # not so if the comparison forked
            self.comparing -= 1
        guard.unlock(&self.guard)
        turn.release()

    cdef int forbid_own_wait(self) except -1:
        if self.comparing and self.turn._is_owned():
            raise RuntimeError("a comparison of items waits for the very queue that has to order them")
        return 0

    cdef int get_comparing(self, PyObject **item) except -1:
        cdef PyObject *putter = NULL
        cdef HeapPath path
        cdef Search search
        cdef int outcome = TO_COMPARE
        search.store = <PyObject *> self
        turn = self.take_turn()
        try:
            while outcome == TO_COMPARE:    # begins again when the heap has changed under it
                guard.lock(&self.guard)
                try:
                    outcome = self.may_get_lock_held()
                    if outcome == DONE:
                        search.version = self.version
                        if heap_find_path(&self.ring, _compare, &search, &path) == FOUND:
                            item[0] = heap_take_first(&self.ring, &path)
                            putter = self.taken_lock_held()
                        else:
                            outcome = TO_COMPARE
                finally:
                    guard.unlock(&self.guard)
        finally:
            self.end_turn(turn)
        wake_and_release(putter)
        return outcome

    cdef int put_comparing(self, object item) except -1:
        cdef PyObject *getter = NULL
        cdef size_t place
        cdef Search search
        cdef int outcome = TO_COMPARE
        search.store = <PyObject *> self
        turn = self.take_turn()
        try:
            while outcome == TO_COMPARE:
                guard.lock(&self.guard)
                try:
                    outcome = self.may_put_lock_held()
                    if outcome == DONE:
                        search.version = self.version
                        if heap_find_place(&self.ring, <PyObject *> item, _compare, &search, &place) == FOUND:
                            outcome = self.push_lock_held(<PyObject *> item, place, &getter)
                        else:
                            outcome = TO_COMPARE
                finally:
                    guard.unlock(&self.guard)
        finally:
            self.end_turn(turn)
        wake_and_release(getter)
        if outcome < 0:
            raise MemoryError("no memory for another item")
        return outcome
