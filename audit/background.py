"""Work in threads that keep no process from ending, as those of an executor do."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def in_background(work: Callable[[], T]) -> "Future[T]":
    """What `work` will return."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  # whoever waits for the result is told
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def side_by_side(jobs: Iterable[Callable[[], object]], at_once: int) -> None:
    """Do the jobs, begun in their order and so many at once; the first error of one of them is raised."""
    queue: SimpleQueue[Callable[[], object]] = SimpleQueue()
    for job in jobs:
        queue.put(job)

    def drain() -> None:
        with suppress(Empty):
            while True:
                queue.get_nowait()()

    for worker in [in_background(drain) for _ in range(at_once)]:
        worker.result()


def each(things: Iterable[S], work: Callable[[S], T], at_once: int) -> list[T]:
    """What `work` makes of each thing, in their order; so many are worked on at once."""
    found: dict[int, T] = {}

    def job(place: int, thing: S) -> Callable[[], object]:
        return lambda: found.setdefault(place, work(thing))

    side_by_side([job(place, thing) for place, thing in enumerate(things)], at_once)
    return [found[place] for place in range(len(found))]
