"""What a worker logs, and what it warns of, reaches the parent's logging."""

import logging
import threading
import warnings

import pytest

from process_calls import LIMIT, METHODS, same
from windlass import ProcessPool


def speak(text: str) -> None:
    """Log and warn."""
    logging.getLogger("there").error("said %s", text)
    logging.getLogger("there").debug("not this")
    warnings.simplefilter("always")
    warnings.warn("beware", UserWarning, stacklevel=1)
    try:
        raise ValueError("kept")
    except ValueError:
        logging.getLogger("there").exception("with a traceback")


@pytest.mark.parametrize("method", METHODS)
def test_records_and_warnings_arrive(method: str, caplog: pytest.LogCaptureFixture) -> None:
    with ProcessPool(1, start_method=method) as pool:
        pool.submit(speak, "hello").result(LIMIT)
    here = {record.name: record for record in caplog.records if record.name == "there"}
    assert [r.getMessage() for r in caplog.records if r.name == "there"] == ["said hello", "with a traceback"]
    assert "ValueError: kept" in str(here["there"].exc_text)
    assert any("beware" in r.getMessage() for r in caplog.records if r.name == "py.warnings")


class Unpicklable:
    """Has no business in a pickle."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __str__(self) -> str:
        return "a thing with a lock"


def log_object() -> None:
    """Log what does not pickle."""
    logging.getLogger("there").warning("%s", Unpicklable(), extra={"thing": Unpicklable()})


def test_arguments_travel_as_text(caplog: pytest.LogCaptureFixture) -> None:
    with ProcessPool(1) as pool:
        pool.submit(log_object).result(LIMIT)
        assert pool.submit(same, 1).result(LIMIT) == 1
    assert "a thing with a lock" in caplog.text


def log_from_threads() -> None:
    """Log from several threads at once."""

    def talk() -> None:
        for at in range(200):
            logging.getLogger("there").error("%d", at)

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_messages_of_several_threads_do_not_mix(caplog: pytest.LogCaptureFixture) -> None:
    with ProcessPool(1) as pool:
        pool.submit(log_from_threads).result(LIMIT)
        assert pool.submit(same, "x" * 100_000).result(LIMIT) == "x" * 100_000
    said = [int(r.getMessage()) for r in caplog.records if r.name == "there"]
    assert sorted(said) == sorted(list(range(200)) * 4)
