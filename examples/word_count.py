"""Count the words of many files, the largest first, and print as results come in."""

import sys
from pathlib import Path

from windlass import ThreadPool, as_completed


def count(path: Path) -> tuple[Path, int]:
    """Return how many words a file has."""
    return path, len(path.read_text(errors="replace").split())


def main(folder: str) -> None:
    """Count under ``folder``."""
    with ThreadPool(name="words") as pool:
        tasks = [
            pool.options(priority=-path.stat().st_size).submit(count, path)
            for path in Path(folder).rglob("*.py")
            if path.is_file()
        ]
        for task in as_completed(tasks):
            path, words = task.result()
            print(f"{words:8} {path}")
        print(pool.statistics())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
