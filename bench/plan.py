"""What is measured, of which clusters, beside which floor, and what it may cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple


class Target(NamedTuple):
    """The most that it may cost, in seconds of CPU; None is no target."""

    seconds: float | None = None
    megabytes: float | None = None


NO_TARGET: Final = Target()


@dataclass(frozen=True)
class Input:
    """What a generator makes: a file or folder, of a cluster of so many pods, and the options for it."""

    file: str
    pods: int
    options: str = ""
    maker: str = "bench.generate"

    @property
    def arguments(self) -> list[str]:
        """Of the maker."""
        return ["--pods", str(self.pods), *self.options.split(), self.file]


@dataclass(frozen=True)
class Benchmark:
    """A stage of `bench.stages`, or a command line of segaudit, on an input."""

    name: str
    input: Input | None
    floor: str
    """A stage on the same input; of a command the code that Python runs."""
    target: Target = NO_TARGET
    command: str = ""
    """The command line; `{input}` and `{out}` are filled in."""


def _cluster(pods: int, variant: str = "") -> Input:
    """A snapshot of a cluster in the proportions of Kubernetes' own limits."""
    shares = (("namespaces", 15, 10), ("policies", 3, 10), ("services", 15, 10), ("nodes", 30, 10))
    sizes = " ".join(f"--{name} {max(least, pods // share)}" for name, share, least in shares)
    name = f"{variant.strip('-').replace(' --', '-') or 'cluster'}-{pods}.zip"
    return Input(name, pods, f"{sizes} {variant}".strip())


def _equal(pods: int, form: str) -> Input:
    return Input(f"equal-{pods}.{form}", pods, "--equal --namespaces 20 --policies 50")


_LARGEST: Final = 150_000
_ESTATE: Final = 14_651
_GIGABYTE: Final = 110_000
"""Pods whose JSON is 1 GB."""


def benchmarks(*, full: bool) -> Iterator[Benchmark]:
    """The small sizes, or all; what is made of one input stands together."""
    yield Benchmark("segaudit --help", None, "pass", Target(0.15), "--help")
    for pods in (1_000, 10_000, *([_LARGEST] if full else [])):
        yield from _stages(_cluster(pods), largest=pods == _LARGEST)
    for pods in (10_000, *([_LARGEST] if full else [])):
        largest = pods == _LARGEST
        for variant in ("--unique", "--cidr-per-pod", "--all-open"):
            target = Target(10) if largest else NO_TARGET
            yield Benchmark("evaluate", _cluster(pods, variant), "decode_policies", target)
    yield from _connections(2_000)
    yield from _connections(10_000)
    yield from _collect(full=full)
    yield from _diff(full=full)
    yield from _history(full=full)


def _stages(cluster: Input, *, largest: bool) -> Iterator[Benchmark]:
    def most(seconds: float, megabytes: float | None = None) -> Target:
        return Target(seconds, megabytes) if largest else NO_TARGET

    yield Benchmark("save_snapshot", cluster, "compress_pods")
    yield Benchmark("load_snapshot", cluster, "read_bytes", most(1.5))
    yield Benchmark("isolation", cluster, "decode_policies", most(0.6))
    yield Benchmark("evaluate", cluster, "decode_policies", most(5))
    yield Benchmark("check", cluster, "decode_policies")
    yield Benchmark("pack_record", cluster, "decode_policies")
    yield Benchmark("compose", cluster, "read_bytes")
    for output in ("html", "json", "csv"):
        yield Benchmark(f"render_{output}", cluster, "read_bytes")
    yield Benchmark("render_pdf", cluster, "read_bytes", most(5))
    run = "run --quiet --from {input} --out {out}"
    rendered = {1_000: Target(1.2), 10_000: Target(2), _LARGEST: Target(10, 900)}[cluster.pods]
    whole = {1_000: Target(6), 10_000: NO_TARGET, _LARGEST: Target(20, 1_000)}[cluster.pods]
    imports = "import pandas, pyarrow.parquet, msgspec, jinja2"
    yield Benchmark("run: HTML, JSON, CSV", cluster, imports, rendered, f"{run} --format html,json,csv")
    yield Benchmark("run: all outputs", cluster, f"{imports}, weasyprint", whole, run)


def _connections(pods: int) -> Iterator[Benchmark]:
    """Five pods a workload: 400 workloads are what netpol-analyzer takes 183 s for."""
    target = Target(1.83) if pods == 2_000 else NO_TARGET
    yield Benchmark("workload_connections", _cluster(pods), "decode_policies", target)


def _collect(*, full: bool) -> Iterator[Benchmark]:
    yield Benchmark("collect", _equal(1_000, "json"), "decode_json")
    yield Benchmark("collect", _equal(1_000, "yaml"), "yaml_events")
    if full:
        yield Benchmark("collect", _equal(_ESTATE, "json"), "decode_json", Target(2, 250))
        yield Benchmark("collect", _equal(_ESTATE, "yaml"), "yaml_events", Target(15, 400))
        yield Benchmark("collect", _equal(_GIGABYTE, "json"), "read_bytes", Target(None, 1_500))


def _diff(*, full: bool) -> Iterator[Benchmark]:
    """A week of a cluster; the floor is what both sides take without a comparison."""
    for pods in (10_000, *([_LARGEST] if full else [])):
        weeks = Input(f"weeks-{pods}", pods, _cluster(pods).options, "bench.later")
        imports = "import pandas, pyarrow.parquet, msgspec"
        yield Benchmark("diff", weeks, imports, NO_TARGET, "diff --quiet {input}/old.zip {input}/new.zip")


def _history(*, full: bool) -> Iterator[Benchmark]:
    """Ninety stored runs of a large cluster, and the newest of many."""
    imports = "import pandas, pyarrow.parquet, msgspec"
    for pods in (10_000, *([_LARGEST] if full else [])):
        cluster = _cluster(pods)
        runs = Input(f"runs-{pods}", pods, f"--runs 90 {cluster.options}", "bench.history")
        target = Target(10, 500) if pods == _LARGEST else NO_TARGET
        for of in ("figures", "workloads", "policies"):
            words = f"trend --quiet --store {{input}} --format csv --of {of}"
            yield Benchmark(f"trend: {of}", runs, imports, target, words)
    stores = Input("fleet-500", 10_000, f"--stores 500 {_cluster(10_000).options}", "bench.history")
    yield Benchmark("fleet", stores, "read_records", Target(60))
