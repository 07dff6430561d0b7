"""A log-linear histogram of non-negative 64-bit numbers, in fixed memory (10 kB).

Values below 64 have a bucket each. Beyond, every octave is cut into 32 buckets of equal width, so a percentile is at
most 1/32 above the true one, and never below. Minimum, maximum and count are exact.

Guarantees: a record allocates nothing and takes a few nanoseconds; no reader sees half of one, nor half of a merge or
a reset. On GIL builds the sections of the guard are not interrupted; on free-threaded builds the guard is a PyMutex,
and a copy keeps the writer waiting for no longer than it takes to copy 10 kB.
"""
from cpython.long cimport PyLong_Check
from cpython.number cimport PyNumber_Index
from libc.math cimport ceil, isnan
from libc.stdint cimport INT64_MAX, int64_t, uint64_t
from libc.string cimport memcpy, memset

from windlass._core cimport guard


cdef extern from *:
    """
    #if defined(_MSC_VER)
      #include <intrin.h>
      static __inline int windlass_top_bit(uint64_t value) {
          unsigned long at;
          _BitScanReverse64(&at, value);
          return (int)at;
      }
    #else
      static inline int windlass_top_bit(uint64_t value) { return 63 - __builtin_clzll(value); }
    #endif
    """
    int windlass_top_bit(uint64_t value) noexcept nogil     # the place of the highest bit set; value > 0


cdef inline Py_ssize_t _bucket_of(uint64_t value) noexcept nogil:
    if value < SUB_BUCKETS:
        return <Py_ssize_t> value
    cdef int shift = windlass_top_bit(value) - SUB_BITS
    if shift >= LARGEST_BITS - SUB_BITS:
        return BUCKETS - 1
    # value >> shift is in 32..63, so each shift has the 32 places after those of the shift before.
    return shift * SUB_BUCKETS + <Py_ssize_t> (value >> shift)


cdef inline int64_t _lowest(Py_ssize_t bucket) noexcept nogil:
    if bucket < 2 * SUB_BUCKETS:
        return bucket
    cdef int shift = bucket // SUB_BUCKETS - 1
    return (<int64_t> (bucket - shift * SUB_BUCKETS)) << shift


cdef inline int64_t _highest(Py_ssize_t bucket) noexcept nogil:
    return INT64_MAX if bucket == BUCKETS - 1 else _lowest(bucket + 1) - 1


cdef int64_t _number(object value) except -1:
    # Only whole numbers: a C integer would take a float, too.
    cdef int64_t number = value if PyLong_Check(value) else PyNumber_Index(value)
    if number < 0:
        raise ValueError(f"value must be 0 or more, not {number}")
    return number


cdef class Histogram:
    """Counts of non-negative integers (nanoseconds, by habit), from which any percentile can be told.

    Thread safety:
        Safe on shared objects: one thread records, any number read, copy or reset; several may record, too.
    """

    def __cinit__(self) -> None:
        guard.guard_init(&self._guard)
        self._clear_lock_held()

    cdef void add(self, int64_t value) noexcept:
        if value < 0:
            value = 0
        guard.lock(&self._guard)
        self._buckets[_bucket_of(value)] += 1
        self._count += 1
        self._total += value
        if value < self._minimum:
            self._minimum = value
        if value > self._maximum:
            self._maximum = value
        guard.unlock(&self._guard)

    def record(self, value: int) -> None:
        """Count one value.

        Args:
            value: 0 or more, below 2**63.

        Raises:
            ValueError: It is negative.
            TypeError, OverflowError: It is not an int, or too large.

        Complexity:
            O(1), no allocation.
        """
        self.add(_number(value))

    def record_all(self, values: Iterable[int]) -> None:
        """Count several values; as :meth:`record` for each in turn, up to the first that is refused."""
        for value in values:
            self.add(_number(value))

    def merge(self, other: Histogram) -> None:
        """Add everything that ``other`` has counted; it stays as it is."""
        cdef Histogram its = Histogram()
        (<Histogram?> other)._copy_to(its, False)   # a copy first: never two guards at a time, and self may be other
        cdef Py_ssize_t bucket
        guard.lock(&self._guard)
        for bucket in range(BUCKETS):
            self._buckets[bucket] += its._buckets[bucket]
        self._count += its._count
        self._total += its._total
        self._minimum = min(self._minimum, its._minimum)
        self._maximum = max(self._maximum, its._maximum)
        guard.unlock(&self._guard)

    def snapshot(self, *, reset: bool = False) -> Histogram:
        """Return a copy as of one moment.

        Args:
            reset: Begin anew in that same moment: each value is in exactly one of the copies made so.
        """
        cdef Histogram copy = Histogram()
        self._copy_to(copy, reset)
        return copy

    def reset(self) -> None:
        """Forget everything."""
        guard.lock(&self._guard)
        self._clear_lock_held()
        guard.unlock(&self._guard)

    @property
    def count(self) -> int:
        """How many values were recorded."""
        return self._count

    @property
    def minimum(self) -> int | None:
        """The smallest value; None while there is none."""
        return self._minimum if self._count else None

    @property
    def maximum(self) -> int | None:
        """The largest value; None while there is none."""
        return self._maximum if self._count else None

    @property
    def mean(self) -> float | None:
        """The mean of all values; None while there is none."""
        guard.lock(&self._guard)
        cdef int64_t count = self._count
        cdef double total = self._total
        guard.unlock(&self._guard)
        return total / count if count else None

    def percentile(self, percent: float) -> int | None:
        """Return a value that ``percent`` of all values do not exceed.

        Args:
            percent: 0 (the minimum) to 100 (the maximum).

        Returns:
            The upper end of the bucket where the nearest rank is, but never beyond the maximum; None while there is
            no value.

        Raises:
            ValueError: ``percent`` is NaN or not between 0 and 100.
            TypeError: ``percent`` is not a number.

        Complexity:
            O(number of buckets), about a microsecond.
        """
        return self.percentiles(percent)[0]

    def percentiles(self, *percents: float) -> tuple[int | None, ...]:
        """Return several percentiles of one moment; each as :meth:`percentile`."""
        cdef Histogram frozen = self.snapshot()
        cdef double percent
        cdef int64_t rank
        found = []
        for given in percents:
            percent = given
            if isnan(percent) or not 0 <= percent <= 100:
                raise ValueError(f"percent must be between 0 and 100, not {given!r}")
            rank = max(1, <int64_t> ceil(percent * frozen._count / 100))
            found.append(frozen._at_rank(min(rank, frozen._count)) if frozen._count else None)
        return tuple(found)

    def buckets(self) -> list[tuple[int, int, int]]:
        """Return the buckets that are not empty, in order: lowest value, highest value, count."""
        cdef Histogram frozen = self.snapshot()
        cdef Py_ssize_t bucket
        return [
            (_lowest(bucket), _highest(bucket), count) for bucket, count in enumerate(frozen._buckets) if count
        ]

    def __repr__(self) -> str:
        cdef Histogram frozen = self.snapshot()
        return f"<Histogram of {frozen._count}, {frozen.minimum} to {frozen.maximum}>"

    cdef void _clear_lock_held(self) noexcept:
        memset(self._buckets, 0, sizeof(self._buckets))
        self._count = 0
        self._total = 0
        self._minimum = INT64_MAX
        self._maximum = -1

    cdef void _copy_to(self, Histogram other, bint reset) noexcept:
        # `other` is new: nobody else has it.
        guard.lock(&self._guard)
        memcpy(other._buckets, self._buckets, sizeof(self._buckets))
        other._count = self._count
        other._total = self._total
        other._minimum = self._minimum
        other._maximum = self._maximum
        if reset:
            self._clear_lock_held()
        guard.unlock(&self._guard)

    cdef int64_t _at_rank(self, int64_t rank) noexcept:
        # 1 <= rank <= _count. The first and the last are known exactly.
        cdef uint64_t seen = 0
        cdef Py_ssize_t bucket
        if rank == 1:
            return self._minimum
        for bucket in range(BUCKETS):
            seen += self._buckets[bucket]
            if seen >= <uint64_t> rank:
                return min(_highest(bucket), self._maximum)
        return self._maximum
