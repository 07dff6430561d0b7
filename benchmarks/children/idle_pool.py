"""Hold an idle pool until a line comes in. Arguments: the pool, the number of workers."""

import sys

from contenders import open_pool


def main() -> None:
    """Run one task on each worker, say so, and then do nothing."""
    name, workers = sys.argv[1:]
    with open_pool(name, int(workers)):
        print("ready", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main()
