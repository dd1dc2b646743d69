"""What a snapshot of a live cluster costs, beside curl and the official client on the same server.

    python -m bench.live [--full] [--json FILE]

The server is `bench.replay`, on the same machine; without --full only the small cluster is read. Tables are
printed as Markdown; `--json FILE` keeps the figures.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

from bench import measure, pages
from bench.client import PODS
from bench.measure import ROOT, Cost, MeasureError

SMALL: Final = 10_000
LARGE: Final = 150_000
SERVER_SECONDS: Final = (0.0, 0.036)
"""That the server takes for a page: none, and what a real one took."""
TYPED_OBJECTS: Final = 5_000
"""Of each list that are read as typed models; all would take minutes. The figures are scaled."""
CURL, CURL_ALL = "curl, pods", "curl, all lists"
RAW = "official client, bytes"
TYPED, TYPED_ALL = "official client, typed, pods", "official client, typed, all lists"
SNAPSHOT: Final = "segaudit snapshot"


@dataclass(frozen=True)
class Row:
    """What was measured, and what came of it; `problem` is empty, or says why there is no cost."""

    what: str
    pods: int
    seconds: float
    """That the server takes for a page."""
    cost: Cost | None
    problem: str = ""


class Limit(NamedTuple):
    """A target, and how far it is reached."""

    what: str
    target: str
    measured: float
    of_target: float
    """At most 1 if it is met."""


class Place(NamedTuple):
    """A server that runs."""

    kubeconfig: Path
    urls: list[str]
    """Of all pages of all lists, those of the pods among them."""
    pods: int
    folder: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; 1 if one of the measurements failed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.live", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--full", action="store_true", help=f"{LARGE:,} pods too: minutes, and 2 GB of disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--pods", type=int, metavar="N", help="a cluster of this size instead")
    parser.add_argument("--only", default="", metavar="TEXT", help="what has TEXT in its name")
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        metavar="N",
        help="so often; the fastest counts, but for the typed lists",
    )
    parser.add_argument("--cache", type=Path, default=pages.DEFAULT_CACHE, metavar="DIR", help="for pages")
    options = parser.parse_args(arguments)
    sizes = [options.pods] if options.pods else [SMALL, *([LARGE] if options.full else [])]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for pods in sizes:
            for seconds in SERVER_SECONDS:
                rows += measured(pods, seconds, options, Path(folder))
    print("\n".join([*table(rows), "", *notes(rows), "", *targets_table(rows)]))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return int(any(row.problem for row in rows))


def measured(pods: int, seconds: float, options: argparse.Namespace, folder: Path) -> list[Row]:
    """All rows of one server."""
    chosen = {what: run for what, run in _RUNS.items() if options.only in what}
    rows = []
    try:
        with _replay(pods, seconds, options.cache, folder) as place:
            for what, run in chosen.items():
                print(f"{pods:,} pods, {seconds * 1000:.0f} ms a page: {what}", file=sys.stderr)
                rows.append(_row(what, run, place, seconds, options.repeat))
    except MeasureError as error:
        return [Row(what, pods, seconds, None, f"no server: {error}") for what in chosen]
    return rows


def _row(what: str, run: Callable[[Place], Cost], place: Place, seconds: float, repeat: int) -> Row:
    try:
        costs = [run(place) for _ in range(1 if what in (TYPED, TYPED_ALL) else repeat)]
    except MeasureError as error:
        return Row(what, place.pods, seconds, None, str(error))
    return Row(what, place.pods, seconds, min(costs, key=lambda cost: cost.wall))


@contextlib.contextmanager
def _replay(pods: int, seconds: float, cache: Path, folder: Path) -> Iterator[Place]:
    """The server, until the block ends."""
    words = ["--pods", str(pods), "--seconds-per-page", str(seconds), "--folder", str(folder)]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(  # noqa: S603  # the project's own code
            [sys.executable, "-m", "bench.replay", *words, "--cache", str(cache)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            if process.stdout is None or not process.stdout.readline():
                process.wait()
                errors.seek(0)
                raise MeasureError((errors.read().strip().splitlines() or ["it ended"])[-1])
            yield Place(folder / "kubeconfig", list(pages.urls(pages.cached(pods, cache))), pods, folder)
        finally:
            process.kill()


def _curl(place: Place, prefix: str = "") -> Cost:
    """One process reads the pages whose path begins with `prefix`, one by one through one connection."""
    curl = shutil.which("curl")
    if curl is None:
        raise MeasureError("curl is missing: apt-get install curl")
    cluster = json.loads(place.kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]
    lines = ["silent", "show-error", "fail", 'noproxy = "*"', f'cacert = "{place.folder / "ca.crt"}"']
    for url in place.urls:
        if url.startswith(prefix):
            lines += [f'url = "{cluster["server"]}{url}"', 'output = "/dev/null"']
    config = place.folder / "curl.config"
    config.write_text("\n".join(lines), encoding="utf-8")
    return measure.program([curl, "--disable", "--config", str(config)])


def _curl_pods(place: Place) -> Cost:
    return _curl(place, f"{PODS}?")


def _raw(place: Place) -> Cost:
    return measure.own_figures(
        ["-m", "bench.client", "raw", str(place.kubeconfig), str(place.pods)], _environment()
    )


def _typed(place: Place, path: str = PODS) -> Cost:
    """Of one list; scaled by its pages, all of which but the last are full."""
    pages_of = sum(url.startswith(f"{path}?") for url in place.urls)
    read = min(pages_of, TYPED_OBJECTS // pages.LIMIT)
    words = ["-m", "bench.client", "typed", str(place.kubeconfig), str(read * pages.LIMIT), path]
    cost = measure.own_figures(words, _environment())
    scale = pages_of / read
    return Cost(cost.wall * scale, cost.cpu * scale, cost.peak)


def _typed_all(place: Place) -> Cost:
    """Of all lists that a snapshot reads, one after another."""
    costs = [_typed(place, path) for path in dict.fromkeys(url.partition("?")[0] for url in place.urls)]
    return Cost(
        sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs), max(cost.peak for cost in costs)
    )


def _snapshot(place: Place) -> Cost:
    file = place.folder / "snapshot.zip"
    words = ["snapshot", "--kubeconfig", str(place.kubeconfig), "-o", str(file), "--quiet"]
    return measure.command(["-m", "audit", *words], _environment())


_RUNS: Final[dict[str, Callable[[Place], Cost]]] = {
    CURL: _curl_pods,
    CURL_ALL: _curl,
    RAW: _raw,
    TYPED: _typed,
    TYPED_ALL: _typed_all,
    SNAPSHOT: _snapshot,
}


def _environment() -> dict[str, str]:
    """Ours, but for proxies: the server is on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Each cost, and its wall clock beside that of curl and of the official client's typed lists."""
    yield (
        "| what | pods | server, ms a page | wall s | CPU s | peak MB | times curl, pods "
        "| times curl, all lists | typed pods take times as long | typed lists take times as long |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        cells = [row.what, f"{row.pods:,}", f"{row.seconds * 1000:.0f}"]
        if row.cost is None:
            cells += [row.problem.replace("|", "/"), *[""] * 6]
        else:
            cells += [f"{row.cost.wall:.2f}", f"{row.cost.cpu:.2f}", f"{row.cost.peak:,.0f}"]
            cells += [_ratio(row.cost, _beside(rows, row, other)) for other in (CURL, CURL_ALL)]
            cells += [_ratio(_beside(rows, row, other), row.cost) for other in (TYPED, TYPED_ALL)]
        yield "| " + " | ".join(cells) + " |"


def notes(rows: Sequence[Row]) -> Iterator[str]:
    """What has to be known of the figures."""
    yield (
        "curl and segaudit are measured from start to end, the official client without its imports; "
        "no peak is below that of the process that measures."
    )
    if any(row.what in (TYPED, TYPED_ALL) and row.pods > TYPED_OBJECTS for row in rows):
        yield (
            f"Typed lists were read for {TYPED_OBJECTS:,} objects each; wall clock and CPU are scaled "
            "to the number of objects in proportion, the peak is as measured."
        )


def targets(rows: Sequence[Row]) -> Iterator[Limit]:
    """The targets for the snapshot that the rows can tell about."""
    for row in rows:
        if row.what != SNAPSHOT or row.cost is None:
            continue
        where = f"{row.pods:,} pods, {row.seconds * 1000:.0f} ms a page"
        curl = _beside(rows, row, CURL_ALL)
        if curl:
            most = 1.3 if row.seconds else 5.0
            times = row.cost.wall / curl.wall
            yield Limit(f"times curl on the same pages, {where}", f"at most {most:g}", times, times / most)
        for of, other in (("of the same lists", TYPED_ALL), ("of pods alone", TYPED)):
            typed = _beside(rows, row, other)
            if typed and not row.seconds:
                faster = typed.wall / row.cost.wall
                yield Limit(
                    f"times faster than typed lists {of}, {where}", "at least 30", faster, 30 / faster
                )
        yield Limit(f"peak MB, {where}", "at most 160", row.cost.peak, row.cost.peak / 160)
        small = _beside(rows, row, SNAPSHOT, SMALL)
        if small and row.pods > SMALL:
            grown = row.cost.peak / small.peak
            yield Limit(f"peak, times that of {SMALL:,} pods, {where}", "at most 1.3", grown, grown / 1.3)


def targets_table(rows: Sequence[Row]) -> Iterator[str]:
    """The targets as Markdown; what is above 1 of its target misses it."""
    yield "| segaudit snapshot | target | measured | of target |"
    yield "|---|---|---:|---:|"
    for limit in targets(rows):
        yield f"| {limit.what} | {limit.target} | {limit.measured:,.2f} | {limit.of_target:.2f} |"


def _beside(rows: Sequence[Row], row: Row, what: str, pods: int = 0) -> Cost | None:
    """What something else cost on the same server, or on that of a cluster of another size."""
    wanted = (what, pods or row.pods, row.seconds)
    return next((other.cost for other in rows if (other.what, other.pods, other.seconds) == wanted), None)


def _ratio(cost: Cost | None, of: Cost | None) -> str:
    return f"{cost.wall / of.wall:.2f}" if cost and of and of.wall else ""


if __name__ == "__main__":
    sys.exit(main())
