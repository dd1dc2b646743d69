"""One stage of the main job: `python -m bench.stages STAGE FILE` measures it in this process, prints JSON.

What a stage needs is made ready first and not counted. The collector of cycles is off, as it is in the main
job.
A stage is a function of the file that returns the work to be measured; floors are the least that could do it.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.snapshot import Snapshot
    from reports.model import Report

Work = Callable[[], object]

_AS_OF: Final = datetime(2026, 1, 15, 8, tzinfo=UTC)
_ZSTD: Final = "zstd"


def read_bytes(file: Path) -> Work:
    """Floor: the bytes of the file."""
    return file.read_bytes


def decode_json(file: Path) -> Work:
    """Floor: the file as msgspec decodes it, into whatever is in it."""
    import msgspec

    return lambda: msgspec.json.decode(file.read_bytes())


def yaml_events(file: Path) -> Work:
    """Floor: the events of libyaml, thrown away."""
    import yaml

    def read() -> None:
        with file.open("rb") as stream:
            loader = yaml.CBaseLoader(stream)
            while loader.check_event():
                loader.get_event()

    return read


def collect(file: Path) -> Work:
    """Manifests -> Snapshot."""
    from audit.collect.files import collect_files

    return lambda: collect_files(file, taken=_AS_OF.isoformat(), tool_version="bench")


def compress_pods(file: Path) -> Work:
    """Floor: the largest table alone, written by pyarrow."""
    import io

    pods = _snapshot(file)["pods"]
    return lambda: pods.to_parquet(io.BytesIO(), engine="pyarrow", compression=_ZSTD, index=False)


def save_snapshot(file: Path) -> Work:
    """Snapshot -> the bytes of its file."""
    from audit.frames import SNAPSHOT_TABLES
    from audit.snapshot import Snapshot

    loaded = _snapshot(file)
    fresh = Snapshot(loaded.provenance, {name: loaded[name] for name in SNAPSHOT_TABLES})
    return lambda: fresh.container


def load_snapshot(file: Path) -> Work:
    """The bytes of a snapshot file -> Snapshot."""
    from audit.snapshot import load

    return lambda: load(file.read_bytes(), file.name)


def decode_policies(file: Path) -> Work:
    """Floor: the text of all policies as msgspec decodes it."""
    import msgspec

    texts = _snapshot(file)["policies"]["object"].tolist()
    return lambda: [msgspec.json.decode(text) for text in texts]


def isolation(file: Path) -> Work:
    """Snapshot -> identities, and which of them are isolated, policies parsed and all."""
    from audit.exposure import cluster
    from audit.policy.model import Direction

    snapshot = _snapshot(file)

    def judge() -> None:
        engine = cluster.build(snapshot).engine
        for direction in Direction:
            engine.isolated(direction)

    return judge


def evaluate(file: Path) -> Work:
    """Snapshot -> Facts, with how far pods reach."""
    from audit.facts import evaluate as work_out
    from audit.settings import Settings

    snapshot = _snapshot(file)
    return lambda: work_out(snapshot, Settings()).reach


def check(file: Path) -> Work:
    """Facts -> the results of all checks."""
    from audit import checks

    facts = _facts(file)
    checks.load()
    return lambda: checks.run(facts)


def pack_record(file: Path) -> Work:
    """Facts and results -> what the run stores of itself."""
    from audit import checks
    from audit.history.record import pack

    facts = _facts(file)
    results = checks.run(facts)
    _ = facts.snapshot.sha256
    return lambda: pack(facts, results, _AS_OF)


def read_records(file: Path) -> Work:
    """Floor: the bytes of all records in a folder."""
    return lambda: [path.read_bytes() for path in file.rglob("*.zip")]


def fleet(file: Path) -> Work:
    """A folder of stores -> the table of their clusters."""
    from datetime import timedelta

    from audit.history.fleet import fleet as ranked
    from audit.history.fleet import newest

    stores = sorted(str(path) for path in file.iterdir())
    return lambda: ranked(newest(stores), _AS_OF, timedelta(days=8))


def workload_connections(file: Path) -> Work:
    """Facts -> all connections at workload level, streamed."""
    from audit.queries.connections import connections

    facts = _facts(file)
    return lambda: sum(len(rows) for rows in connections(facts, "workload"))


def compose(file: Path) -> Work:
    """Facts and results -> Report."""
    from audit import checks
    from audit.compose import compose as write

    facts = _facts(file)
    results = checks.run(facts)
    return lambda: write(facts, results, as_of=_AS_OF, generator="bench")


def render_html(file: Path) -> Work:
    """Report -> HTML."""
    return _render(file, "html")


def render_json(file: Path) -> Work:
    """Report -> JSON."""
    return _render(file, "json")


def render_csv(file: Path) -> Work:
    """Report -> CSV."""
    return _render(file, "csv")


def render_pdf(file: Path) -> Work:
    """Report -> PDF."""
    return _render(file, "pdf")


def _snapshot(file: Path) -> "Snapshot":
    from audit.snapshot import load

    return load(file.read_bytes(), file.name)


def _facts(file: Path) -> "Facts":
    from audit.facts import evaluate as work_out
    from audit.settings import Settings

    return work_out(_snapshot(file), Settings())


def _report(file: Path) -> "Report":
    from audit import checks
    from audit.compose import compose as write

    facts = _facts(file)
    return write(facts, checks.run(facts), as_of=_AS_OF, generator="bench")


def _render(file: Path, output: str) -> Work:
    from audit.deliver import outputs

    report = _report(file)

    def render() -> None:
        _, failed = outputs.render(report, [output])
        if failed:
            raise RuntimeError(str(failed))

    return render


def main() -> None:
    """Measure the stage that the command line names."""
    stage, file = sys.argv[1:]
    gc.disable()
    work: Work = globals()[stage](Path(file))
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
