"""The executor under asyncio: run_in_executor, the default executor and to_thread, wrap_future, cancellation."""

import asyncio
import contextvars
import threading
from concurrent import futures as standard
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


@both
def test_run_in_executor(futures: Any) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with futures.ThreadPoolExecutor(2, "mine") as executor:
            assert await loop.run_in_executor(executor, pow, 2, 5) == 32
            name = await loop.run_in_executor(executor, lambda: threading.current_thread().name)
            assert name.startswith("mine_")
            with pytest.raises(ZeroDivisionError):
                await loop.run_in_executor(executor, divmod, 1, 0)

    asyncio.run(main())


@both
def test_default_executor_is_ours_and_is_shut_down_with_the_loop(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2, "default")

    async def main() -> set[str]:
        asyncio.get_running_loop().set_default_executor(executor)
        assert isinstance(executor, standard.ThreadPoolExecutor)  # what asyncio demands
        names = [asyncio.to_thread(lambda: threading.current_thread().name) for _ in range(10)]
        return set(await asyncio.gather(*names))

    assert asyncio.run(main()) <= {"default_0", "default_1"}
    assert executor._shutdown
    assert not any(thread.is_alive() for thread in executor._threads)


@both
@pytest.mark.slow
@pytest.mark.stress
def test_thousands_of_to_thread_calls(futures: Any) -> None:
    async def call(number: int) -> int:
        token = variable.set(str(number))
        try:
            return int(await asyncio.to_thread(variable.get))
        finally:
            variable.reset(token)

    async def main() -> list[int]:
        asyncio.get_running_loop().set_default_executor(futures.ThreadPoolExecutor(3))
        return await asyncio.gather(*(call(number) for number in range(3000)))

    assert asyncio.run(main()) == list(range(3000))


@both
def test_shutdown_of_the_default_executor(futures: Any) -> None:
    done: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        executor = futures.ThreadPoolExecutor(1)
        loop.set_default_executor(executor)
        calls = [loop.run_in_executor(None, done.append, number) for number in range(20)]
        await loop.shutdown_default_executor()
        assert done == list(range(20))
        await asyncio.gather(*calls)
        with pytest.raises(RuntimeError):
            await asyncio.to_thread(int)

    asyncio.run(main())


@both
def test_wrap_future(futures: Any) -> None:
    async def main() -> None:
        by_hand: Any = futures.Future()
        wrapped = asyncio.wrap_future(by_hand)
        threading.Timer(0.01, by_hand.set_result, ["x"]).start()
        assert await asyncio.wait_for(wrapped, LIMIT) == "x"
        failed: Any = futures.Future()
        wrapped = asyncio.wrap_future(failed)
        failed.set_exception(OSError("gone"))
        with pytest.raises(OSError, match="gone"):
            await wrapped

    asyncio.run(main())


@both
def test_cancel_goes_both_ways(futures: Any) -> None:
    async def main() -> None:
        ran: list[int] = []
        with futures.ThreadPoolExecutor(1) as executor, occupied(executor) as go:
            source = executor.submit(ran.append, 1)
            wrapped = asyncio.wrap_future(source)
            wrapped.cancel()
            await asyncio.sleep(0)
            assert source.cancelled()
            other = executor.submit(ran.append, 2)
            wrapped = asyncio.wrap_future(other)
            other.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(wrapped, LIMIT)
            go.set()
        assert ran == []

    asyncio.run(main())


@both
def test_time_limit_cancels_what_has_not_started(futures: Any) -> None:
    async def main() -> None:
        ran: list[int] = []
        with futures.ThreadPoolExecutor(1) as executor, occupied(executor):
            call = asyncio.get_running_loop().run_in_executor(executor, ran.append, 1)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, 0.01)
        assert ran == []

    asyncio.run(main())


@both
def test_a_coroutine_that_another_thread_waits_for(futures: Any) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()

        async def double(number: int) -> int:
            return 2 * number

        def ask(number: int) -> int:
            return asyncio.run_coroutine_threadsafe(double(number), loop).result(LIMIT)

        with futures.ThreadPoolExecutor(2) as executor:
            calls = [loop.run_in_executor(executor, ask, number) for number in range(50)]
            assert await asyncio.gather(*calls) == [2 * number for number in range(50)]

    asyncio.run(main())
