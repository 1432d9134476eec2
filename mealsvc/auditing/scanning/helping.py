"""A second process that takes a part of the work; the first goes on reading meanwhile."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
AHEAD = 2  # pieces of work that wait for the helper at most, so that memory stays small


@contextmanager
def helper(wanted: bool) -> Iterator[Executor | None]:
    """A process forked at once, while this one is still small and has no database open."""
    if not wanted:
        yield None
        return
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as another:
        another.submit(int).result()
        yield another


def in_turns(
    work: Callable[..., Result], pieces: Iterable[tuple[Any, ...]], another: Executor | None
) -> Iterator[Result]:
    """What the work gives for each piece, in any order: by the helper, or here while it is busy."""
    waiting: deque[Future[Result]] = deque()
    for piece in pieces:
        while waiting and waiting[0].done():
            yield waiting.popleft().result()
        if another is not None and len(waiting) < AHEAD:
            waiting.append(another.submit(work, *piece))
        else:
            yield work(*piece)
    for one in waiting:
        yield one.result()
