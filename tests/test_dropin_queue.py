"""The queue classes as the standard library has them: names, arguments, order, errors, counts."""

import copy
import inspect
import logging
import logging.handlers
import pickle
import queue
import sys
import weakref
from types import GenericAlias, ModuleType
from typing import Any

import pytest

from dropin_queues import ALL_CLASSES, BRIEF, CLASSES, LIMIT, MODULES, NAMES, OURS, drain
from windlass._core.queue_errors import ShutDown
from windlass.dropin import queue as ours

BAD_TIMEOUT = "'timeout' must be a non-negative number"


def test_module_exports_what_the_standard_one_of_3_13_does() -> None:
    assert sorted(ours.__all__) == sorted({*queue.__all__, "ShutDown"})
    assert ours.Empty is queue.Empty
    assert ours.Full is queue.Full
    assert ours.ShutDown is getattr(queue, "ShutDown", ShutDown)
    assert pickle.loads(pickle.dumps(ours.ShutDown)) is ours.ShutDown


@pytest.mark.parametrize("name", NAMES)
def test_is_the_standard_class_by_inheritance(name: str) -> None:
    kind, standard = getattr(ours, name), getattr(queue, name)
    assert issubclass(kind, standard)
    assert issubclass(kind, ours.Queue)
    assert kind.__name__ == name
    assert kind.__module__ == "windlass.dropin.queue"


@pytest.mark.parametrize("name", [*NAMES, "SimpleQueue"])
def test_signatures_are_the_standard_ones(name: str) -> None:
    for method in ("put", "get", "put_nowait", "get_nowait", "qsize", "empty"):
        mine = inspect.signature(getattr(getattr(ours, name), method)).parameters
        assert [(p.name, p.default) for p in mine.values()] == [
            (p.name, p.default) for p in inspect.signature(getattr(queue.Queue, method)).parameters.values()
        ]


@pytest.mark.parametrize(
    ("name", "expected"), [("Queue", [2, 3, 1]), ("LifoQueue", [1, 3, 2]), ("PriorityQueue", [1, 2, 3])]
)
@pytest.mark.parametrize("module", MODULES)
def test_order(module: ModuleType, name: str, expected: list[int]) -> None:
    items = getattr(module, name)()
    for number in (2, 3, 1):
        items.put(number)
    assert [items.get(), items.get(True), items.get(block=True, timeout=1)] == expected


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_sizes(kind: Any) -> None:
    items = kind()
    assert items.empty()
    assert items.qsize() == 0
    for number in range(100):  # more than one growth
        items.put(number)
    assert items.qsize() == 100
    assert not items.empty()
    assert sorted(drain(items)) == list(range(100))
    assert items.empty()


@pytest.mark.parametrize("kind", ALL_CLASSES)
@pytest.mark.parametrize("block", [False, 0, "", None])
def test_get_that_may_not_block_ignores_the_timeout(kind: Any, block: object) -> None:
    for timeout in (None, -1, LIMIT, float("nan"), "soon"):
        with pytest.raises(queue.Empty):
            kind().get(block, timeout)
    with pytest.raises(queue.Empty):
        kind().get_nowait()


@pytest.mark.parametrize("kind", CLASSES)
def test_put_that_may_not_block_ignores_the_timeout(kind: Any) -> None:
    items = kind(1)
    items.put(1, block=0, timeout=-1)
    for timeout in (None, -1, LIMIT, float("nan"), "soon"):
        with pytest.raises(queue.Full):
            items.put(2, 0, timeout)
    with pytest.raises(queue.Full):
        items.put_nowait(2)
    assert items.qsize() == items.unfinished_tasks == 1


@pytest.mark.parametrize("kind", CLASSES)
def test_negative_timeout_is_an_error_only_where_it_counts(kind: Any) -> None:
    items = kind(2)
    for call in (lambda: items.put(1, timeout=-1), lambda: items.get(timeout=-1)):
        with pytest.raises(ValueError, match=BAD_TIMEOUT):
            call()
    items.put(1)
    with pytest.raises(ValueError, match=BAD_TIMEOUT):
        items.get(timeout=-0.001)
    assert items.qsize() == 1
    kind().put(1, timeout=-1)  # unbounded: nobody waits


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_negative_timeout_of_get_is_an_error(kind: Any) -> None:
    items = kind()
    items.put(1)
    with pytest.raises(ValueError, match=BAD_TIMEOUT):
        items.get(timeout=-1)
    assert items.qsize() == 1


@pytest.mark.parametrize("kind", [*OURS, ours.SimpleQueue])
def test_nan_is_no_timeout(kind: Any) -> None:
    """The standard queue waits for ever, the simple one does not wait at all."""
    with pytest.raises(ValueError, match="NaN"):
        kind().get(timeout=float("nan"))
    if kind is not ours.SimpleQueue:
        items = kind(1)
        with pytest.raises(ValueError, match="NaN"):
            items.put(1, timeout=float("nan"))
        assert items.empty()


@pytest.mark.parametrize("kind", CLASSES)
def test_timeout_of_nothing_is_over_at_once(kind: Any) -> None:
    items = kind(1)
    for timeout in (0, 0.0, False, BRIEF):
        with pytest.raises(queue.Empty):
            items.get(timeout=timeout)
    items.put(1, timeout=0)
    for timeout in (0, 0.0, False, BRIEF):
        with pytest.raises(queue.Full):
            items.put(2, timeout=timeout)
    assert items.get(timeout=0) == 1


@pytest.mark.parametrize("kind", CLASSES)
def test_maxsize_can_change(kind: Any) -> None:
    items = kind(3)
    for number in range(3):
        items.put(number)
    assert items.full()
    items.maxsize = 2
    assert items.maxsize == 2
    with pytest.raises(queue.Full):
        items.put_nowait(3)
    assert items.qsize() == 3
    items.maxsize = 4
    assert not items.full()
    items.put_nowait(3)
    items.maxsize = -1
    items.put_nowait(4)
    assert not items.full()
    assert items.maxsize == -1
    assert sorted(drain(items)) == list(range(5))


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(("maxsize", "room"), [(2.5, 3), (float("inf"), 9), (True, 1), (-1, 9), (10**30, 9)])
def test_maxsize_may_be_any_number(kind: Any, maxsize: float, room: int) -> None:
    items = kind(maxsize)
    for number in range(room):
        items.put_nowait(number)
    assert items.maxsize == maxsize
    assert items.full() == (room < 9)


@pytest.mark.parametrize("kind", OURS)
def test_maxsize_that_is_no_number_is_told_at_once(kind: Any) -> None:
    """The standard classes tell it at the first put, and not of what."""
    with pytest.raises(TypeError, match="maxsize must be a number, not str"):
        kind("many")
    items = kind(1)
    with pytest.raises(TypeError, match="maxsize must be a number, not NoneType"):
        items.maxsize = None
    assert items.maxsize == 1


@pytest.mark.parametrize("kind", CLASSES)
def test_unfinished_tasks(kind: Any) -> None:
    items = kind()
    with pytest.raises(ValueError, match=r"task_done\(\) called too many times"):
        items.task_done()
    items.join()
    items.put(1)
    items.put(2)
    assert items.unfinished_tasks == 2
    items.task_done()  # also before the get
    items.get()
    items.task_done()
    assert items.unfinished_tasks == 0
    items.join()
    items.join()
    with pytest.raises(ValueError, match="too many times"):
        items.task_done()
    items.unfinished_tasks = 1  # a plain attribute
    items.task_done()
    assert items.qsize() == 1


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_class_takes_type_arguments_and_objects_weak_references(kind: Any) -> None:
    assert isinstance(kind[int], GenericAlias)
    assert kind[int].__args__ == (int,)
    items = kind()
    assert weakref.ref(items)() is items
    assert isinstance(kind[int](), kind)


@pytest.mark.parametrize("kind", ALL_CLASSES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_and_deepcopy_refuse(kind: Any, protocol: int) -> None:
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(kind(), protocol)
    with pytest.raises(TypeError, match="cannot pickle"):
        copy.deepcopy(kind())


@pytest.mark.parametrize("kind", CLASSES)
def test_copy_shares_mutex_and_container(kind: Any) -> None:
    items = kind(7)
    items.put("item")
    items.note = "mine"
    twin = copy.copy(items)
    assert type(twin) is kind
    assert twin.queue is items.queue
    assert twin.mutex is items.mutex
    assert (twin.maxsize, twin.unfinished_tasks, twin.note) == (7, 1, "mine")
    assert twin.get_nowait() == "item"
    assert items.empty()


@pytest.mark.parametrize("kind", CLASSES)
def test_subclass_may_wrap_put_and_get(kind: Any) -> None:
    calls: list[object] = []

    class Noting(kind):  # type: ignore[misc]
        def __init__(self, name: str) -> None:
            super().__init__(maxsize=3)
            self.name = name

        def put(self, item: object, block: bool = True, timeout: float | None = None, *, note: str = "") -> None:
            calls.append((item, block, note))
            super().put(item, block, timeout)

        def get(self, *args: object, **kwargs: object) -> object:
            calls.append((args, kwargs))
            return super().get(*args, **kwargs)

    items = Noting("mine")
    items.put(1, note="hello")
    items.put_nowait(2)
    items.get()
    items.get_nowait()
    assert calls == [(1, True, "hello"), (2, False, ""), ((), {}), ((), {"block": False})]
    assert items.maxsize == 3
    assert vars(items)["name"] == "mine"


@pytest.mark.parametrize("kind", CLASSES)
def test_nowait_goes_through_what_is_set_on_the_instance(kind: Any) -> None:
    items = kind()
    calls: list[object] = []
    items.put = lambda item, block: calls.append((item, block))
    items.get = lambda block: calls.append(block)
    items.put_nowait("item")
    items.get_nowait()
    assert calls == [("item", False), False]


@pytest.mark.parametrize("kind", CLASSES)
def test_second_init_begins_again(kind: Any) -> None:
    items = kind(1)
    items.put("item")
    items.__init__(2)
    assert (items.qsize(), items.maxsize, items.unfinished_tasks) == (0, 2, 0)


@pytest.mark.parametrize("name", ["Queue", "SimpleQueue"])
@pytest.mark.parametrize("module", MODULES)
def test_logging_through_a_queue(module: ModuleType, name: str) -> None:
    records: list[str] = []
    last = logging.Handler()
    last.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    channel = getattr(module, name)()
    listener = logging.handlers.QueueListener(channel, last)
    logger = logging.Logger("through a queue")
    logger.addHandler(logging.handlers.QueueHandler(channel))
    logger.warning("the first")
    listener.start()
    for number in range(50):
        logger.warning("message %d", number)
    listener.stop()
    assert records == ["the first", *[f"message {number}" for number in range(50)]]
    assert channel.empty()


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the standard module has it")
def test_own_shutdown_error_is_where_its_name_says() -> None:
    assert f"{ours.ShutDown.__module__}.{ours.ShutDown.__qualname__}" == "windlass.dropin.queue.ShutDown"


@pytest.mark.parametrize("name", NAMES)
def test_signature_of_the_class_is_the_standard_one(name: str) -> None:
    mine = inspect.signature(getattr(ours, name)).parameters
    assert [(p.name, p.default) for p in mine.values()] == [("maxsize", 0)]


@pytest.mark.parametrize("module", MODULES)
def test_simple_queue_takes_no_arguments_but_a_subclass_may(module: ModuleType) -> None:
    class Named(module.SimpleQueue):  # type: ignore[misc, name-defined]
        def __init__(self, name: str) -> None:
            self.name = name

    with pytest.raises(TypeError):
        module.SimpleQueue(5)
    items = Named("mine")
    items.put(1)
    assert (items.name, items.get()) == ("mine", 1)
