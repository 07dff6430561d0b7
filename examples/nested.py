"""Tasks that submit tasks and wait for them, on a single worker: nothing deadlocks, since a waiting worker helps."""

from windlass import ThreadPool


def fib(pool: ThreadPool, n: int) -> int:
    """Return the n-th Fibonacci number the slow way."""
    if n < 2:
        return n
    first, second = pool.submit(fib, pool, n - 1), pool.submit(fib, pool, n - 2)
    return first.result() + second.result()


if __name__ == "__main__":
    with ThreadPool(1) as pool:
        print(pool.submit(fib, pool, 15).result())
