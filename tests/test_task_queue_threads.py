"""PriorityTaskQueue under contention: nothing lost, nothing twice, order kept, nobody asleep beside an item."""

import queue as standard
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

import windlass
from waiting import run_threads
from windlass import PriorityTaskQueue

pytestmark = [pytest.mark.slow, pytest.mark.stress]

LIMIT = 30  # seconds; only a hang reaches it
SEED = random.randrange(2**32)
Item = tuple[int, int]  # producer, number


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    """Let threads interrupt each other as often as CPython can, and tell how to repeat the run."""
    print("seed", SEED)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def assert_accounted_for(put: list[list[Item]], got: list[list[Item]]) -> None:
    """Compare what went in with what came out (Jepsen's total-queue check)."""
    attempts = Counter(item for items in put for item in items)
    came = Counter(item for items in got for item in items)
    lost, unexpected = attempts - came, came - attempts
    assert (sum(lost.values()), sum(unexpected.values())) == (0, 0), (lost, unexpected)


@pytest.mark.parametrize("maxsize", [0, 1, 7])
@pytest.mark.parametrize("priorities", [1, 8, 300], ids=["one level", "levels", "heap"])
def test_every_item_comes_out_exactly_once(maxsize: int, priorities: int) -> None:
    producers, consumers, each = 4, 4, 8_000
    queue = PriorityTaskQueue(maxsize)
    put: list[list[Item]] = [[] for _ in range(producers)]
    got: list[list[Item]] = [[] for _ in range(consumers)]
    left = producers
    lock = threading.Lock()

    def produce(me: int) -> None:
        nonlocal left
        randomly = random.Random(SEED + me)
        for number in range(each):
            put[me].append((me, number))
            queue.put((me, number), randomly.randrange(priorities))
        with lock:
            left -= 1
            if left == 0:
                queue.close()

    def consume(me: int) -> None:
        while True:
            try:
                got[me].append(queue.get())
            except windlass.QueueClosed:
                return
            queue.task_done()

    run_threads(
        *[lambda me=me: produce(me) for me in range(producers)] + [lambda me=me: consume(me) for me in range(consumers)]
    )
    assert_accounted_for(put, got)
    assert queue.unfinished_tasks == 0


def test_items_of_one_producer_and_priority_keep_their_order() -> None:
    producers, consumers, each = 3, 3, 10_000
    queue = PriorityTaskQueue()
    got: list[list[Item]] = [[] for _ in range(consumers)]

    def produce(me: int) -> None:
        for number in range(each):
            queue.put((me, number), 5)
        queue.put((me, -1), 6)  # behind all of its own: ends one consumer

    def consume(me: int) -> None:
        while (item := queue.get(LIMIT))[1] >= 0:
            got[me].append(item)

    run_threads(
        *[lambda me=me: produce(me) for me in range(producers)] + [lambda me=me: consume(me) for me in range(consumers)]
    )
    assert sum(map(len, got)) == producers * each
    for items in got:
        for producer in range(producers):
            numbers = [number for who, number in items if who == producer]
            assert numbers == sorted(numbers)


def test_single_consumer_sees_strict_priority_while_others_put() -> None:
    # A get that starts after put(y) ended must not return something less urgent than y.
    queue = PriorityTaskQueue()
    rounds = 1_500
    turn, taken = threading.Semaphore(0), threading.Semaphore(1)
    noise_over = threading.Event()

    def urgent() -> None:
        for number in range(rounds):
            assert taken.acquire(timeout=LIMIT)
            queue.put(("urgent", number), -number)
            turn.release()

    def noise() -> None:
        randomly = random.Random(SEED)
        while not noise_over.is_set():
            queue.put(("noise", 0), randomly.randrange(1, 200))
            if queue.qsize() > 500:
                noise_over.wait(0.001)

    def consume() -> None:
        try:
            for number in range(rounds):
                assert turn.acquire(timeout=LIMIT)
                assert queue.get(LIMIT) == ("urgent", number)
                taken.release()
        finally:
            noise_over.set()

    run_threads(*[urgent, noise, consume])


def test_no_item_is_left_while_a_getter_sleeps() -> None:
    # Wakes given to getters that are timing out must be passed on to those who wait without limit.
    queue = PriorityTaskQueue()
    producers, impatient, patient, each = 2, 3, 3, 5_000
    got: list[list[Item]] = [[] for _ in range(impatient + patient)]
    producing = threading.Barrier(producers + 1)
    produced, all_taken = threading.Event(), threading.Event()

    def produce(me: int) -> None:
        for number in range(each):
            queue.put((me, number), number % 3)
        producing.wait(LIMIT)

    def consume(me: int, timeout: float | None) -> None:
        # The impatient leave at the end of production: from then on only a passed-on wake empties the queue.
        while timeout is None or not produced.is_set():
            try:
                got[me].append(queue.get(timeout))
            except standard.Empty:
                continue
            except windlass.QueueClosed:
                return
            if sum(map(len, got)) == producers * each:
                all_taken.set()

    def supervise() -> None:
        producing.wait(LIMIT)
        produced.set()
        try:
            assert all_taken.wait(LIMIT), f"{queue.qsize()} items left beside sleeping getters"
        finally:
            queue.close()

    run_threads(
        *[lambda me=me: produce(me) for me in range(producers)]
        + [lambda me=me: consume(me, 1e-5) for me in range(impatient)]
        + [lambda me=impatient + me: consume(me, None) for me in range(patient)]
        + [supervise]
    )
    assert_accounted_for([[(me, number) for number in range(each)] for me in range(producers)], got)


def test_wake_of_a_getter_that_gives_up_reaches_the_one_that_stays() -> None:
    # One item for two getters, of whom the first in line is about to time out.
    randomly = random.Random(SEED)
    for _ in range(400):
        queue = PriorityTaskQueue()
        barrier = threading.Barrier(3)
        patient: list[object] = []

        def get_briefly(queue: PriorityTaskQueue = queue, barrier: threading.Barrier = barrier) -> None:
            timeout = randomly.uniform(0, 0.0003)
            barrier.wait(LIMIT)
            try:
                queue.put(queue.get(timeout))
            except standard.Empty:
                pass

        def get(
            queue: PriorityTaskQueue = queue,
            barrier: threading.Barrier = barrier,
            patient: list[object] = patient,
        ) -> None:
            barrier.wait(LIMIT)
            patient.append(queue.get())

        threads = [threading.Thread(target=body, daemon=True) for body in (get_briefly, get)]
        for thread in threads:
            thread.start()
        barrier.wait(LIMIT)
        queue.put("item")
        for thread in threads:
            thread.join(LIMIT)
        assert patient == ["item"], "a getter sleeps beside an item"


def test_putters_that_time_out_leave_room_to_the_others() -> None:
    queue = PriorityTaskQueue(2)
    impatient, patient, each = 3, 3, 600
    put: list[list[Item]] = [[] for _ in range(impatient + patient)]
    got: list[Item] = []
    over = threading.Barrier(impatient + patient + 1)

    def produce(me: int, timeout: float | None) -> None:
        for number in range(each):
            try:
                queue.put((me, number), number % 5, timeout)
            except standard.Full:
                continue
            put[me].append((me, number))
        over.wait(LIMIT)

    def consume() -> None:
        while True:
            try:
                got.append(queue.get())
            except windlass.QueueClosed:
                return

    def supervise() -> None:
        over.wait(LIMIT)
        queue.close()

    run_threads(
        *[lambda me=me: produce(me, 1e-5) for me in range(impatient)]
        + [lambda me=impatient + me: produce(me, None) for me in range(patient)]
        + [consume, supervise]
    )
    assert all(len(items) == each for items in put[impatient:])
    assert_accounted_for(put, [got])


def test_remove_reprioritise_and_clear_race_get_for_each_item() -> None:
    queue = PriorityTaskQueue()
    each, producers = 1_500, 2
    put = [[(me, number) for number in range(each)] for me in range(producers)]
    got: list[list[Item]] = [[] for _ in range(4)]
    over = threading.Barrier(producers + 1)
    closed = threading.Event()

    def produce(me: int) -> None:
        for item in put[me]:
            queue.put(item, item[1] % 100)
        over.wait(LIMIT)

    def consume(me: int) -> None:
        while True:
            try:
                got[me].append(queue.get())
            except windlass.QueueClosed:
                return

    def meddle() -> None:
        randomly = random.Random(SEED)
        while not closed.is_set():
            item = put[randomly.randrange(producers)][randomly.randrange(each)]
            if randomly.random() < 0.5:
                queue.reprioritise(item, randomly.randrange(200))
            elif queue.remove(item):
                got[2].append(item)
            if randomly.random() < 0.01:
                got[3].extend(queue.clear())

    def supervise() -> None:
        over.wait(LIMIT)
        queue.close()
        closed.set()

    run_threads(
        *[lambda me=me: produce(me) for me in range(producers)]
        + [lambda: consume(0), lambda: consume(1), meddle, supervise]
    )
    assert_accounted_for(put, got)


def test_joiners_return_when_all_is_done_and_not_before() -> None:
    queue = PriorityTaskQueue()
    for number in range(20_000):
        queue.put(number)
    finished: list[int] = []  # append is atomic
    seen: list[int] = []

    def work() -> None:
        while True:
            try:
                number = queue.get_nowait()
            except standard.Empty:
                return
            finished.append(number)
            queue.task_done()

    def join() -> None:
        assert queue.join(LIMIT)
        seen.append(len(finished))

    run_threads(*[work] * 3 + [join] * 3)
    assert seen == [20_000] * 3
