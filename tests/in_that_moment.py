"""Two people act at once: the second begins before the first has committed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from amparo.foundation.core.refusal import Refused

A_WHILE, LONGEST = 1.0, 20.0  # seconds: long enough that the second certainly waits; the most that anybody may wait


def second_while(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Return what the second function returns or raises; it begins before the first has committed."""
    came_to: list[object] = []

    def run() -> None:
        try:
            came_to.append(second())
        except Refused as refusal:
            came_to.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(A_WHILE)
    thread.join(LONGEST)
    return came_to


@contextmanager
def once_read(table: str, doing: Callable[[], object]) -> Iterator[None]:
    """Start the other function as soon as the first query has read this table."""
    thread = threading.Thread(target=lambda: (doing(), connection.close()))

    def beside(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if f'"{table}"' in sql and thread.ident is None:
            thread.start()
            thread.join(A_WHILE)
        return result

    with connection.execute_wrapper(beside):
        yield
    thread.join(LONGEST)
