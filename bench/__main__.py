"""Benchmarks: what each stage costs, beside its floor in the same run and beside its target.

`make bench` runs the small sizes, `make bench-full` all. Tables are printed as Markdown; `--json FILE`
keeps the figures.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from bench import measure
from bench.measure import Cost, MeasureError
from bench.plan import Benchmark, Input, benchmarks


@dataclass(frozen=True)
class Row:
    """A benchmark and what came of it; `problem` is empty, or says why there is no cost."""

    benchmark: Benchmark
    megabytes: float
    """Of the input."""
    cost: Cost | None
    floor: Cost | None
    problem: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks and print the tables; 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="all sizes: takes many minutes and gigabytes")
    parser.add_argument("--only", default="", metavar="TEXT", help="benchmarks with TEXT in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    chosen = [b for b in benchmarks(full=options.full) if options.only in b.name]
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(chosen, Path(folder)))
    print("\n".join([*table(rows), "", *growth(rows)]))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return int(any(row.problem for row in rows))


def _rows(chosen: Sequence[Benchmark], folder: Path) -> Iterator[Row]:
    for number, benchmark in enumerate(chosen):
        print(f"{number + 1}/{len(chosen)} {_title(benchmark)}", file=sys.stderr)
        yield _row(benchmark, folder, number)


def _row(benchmark: Benchmark, folder: Path, number: int) -> Row:
    size = 0.0
    try:
        file = _made(benchmark.input, folder) if benchmark.input else folder
        size = _size(file) / 1e6 if benchmark.input else 0.0
        if benchmark.command:
            out = folder / f"out-{number}"
            arguments = [word.format(input=file, out=out) for word in benchmark.command.split()]
            floor = measure.command(["-c", benchmark.floor])
            return Row(benchmark, size, measure.command(["-m", "audit", *arguments]), floor)
        floor = measure.stage(benchmark.floor, file)
        return Row(benchmark, size, measure.stage(benchmark.name, file), floor)
    except MeasureError as error:
        return Row(benchmark, size, None, None, str(error))


def _made(wanted: Input, folder: Path) -> Path:
    """The file or folder of an input, made when it is first asked for."""
    file = folder / wanted.file
    if not file.exists():
        measure.command(["-m", wanted.maker, *wanted.arguments[:-1], str(file)])
    return file


def _size(file: Path) -> int:
    files = file.rglob("*") if file.is_dir() else [file]
    return sum(each.stat().st_size for each in files if each.is_file())


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Each benchmark with its cost, as Markdown; the ratio to the target is the worse of CPU and memory."""
    yield "| what | input | wall s | CPU s | peak MB | floor, CPU s | times floor | target | of target |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        name = row.benchmark.input
        where = f"{name.file}, {row.megabytes:,.1f} MB" if name else ""
        cells = [row.benchmark.name, where, *(_figures(row) if row.cost else [row.problem, *[""] * 6])]
        yield "| " + " | ".join(cells) + " |"


def _figures(row: Row) -> Iterator[str]:
    cost, floor, target = row.cost, row.floor, row.benchmark.target
    if cost is None or floor is None:
        return
    yield from (f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak:,.0f}", f"{floor.cpu:.2f}")
    yield f"{cost.cpu / floor.cpu:.1f}" if floor.cpu >= 0.01 else ""
    limits = [
        (cost.cpu, target.seconds, "s"),
        (cost.peak, target.megabytes, "MB"),
    ]
    yield ", ".join(f"{limit:,g} {unit}" for _, limit, unit in limits if limit is not None)
    ratios = [measured / limit for measured, limit, _ in limits if limit is not None]
    yield f"{max(ratios):.2f}" if ratios else ""


def growth(rows: Sequence[Row]) -> Iterator[str]:
    """How CPU grows from each size to the next, stage by stage; beside how the pods grow."""
    by_stage: dict[str, dict[int, float]] = {}
    for row in rows:
        cluster = row.benchmark.input
        if cluster and row.cost and cluster.file.startswith("cluster"):
            by_stage.setdefault(row.benchmark.name, {})[cluster.pods] = row.cost.cpu
    yield "| stage | pods | pods grow | CPU grows |"
    yield "|---|---|---:|---:|"
    for stage, costs in by_stage.items():
        sizes = sorted(costs)
        for small, large in pairwise(sizes):
            grown = costs[large] / costs[small] if costs[small] else 0.0
            yield f"| {stage} | {small:,} to {large:,} | {large / small:.0f} | {grown:.1f} |"


def _title(benchmark: Benchmark) -> str:
    return f"{benchmark.name} {benchmark.input.file if benchmark.input else ''}".strip()


if __name__ == "__main__":
    sys.exit(main())
