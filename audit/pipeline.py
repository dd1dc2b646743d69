"""The main job, a named step after the other. START READING HERE.

collect -> Snapshot -> evaluate -> Facts -> check, waive -> CheckResult -> look back, compose -> Report
-> render, write

What comes behind the snapshot is imported where it begins: `segaudit snapshot` holds a large cluster in
little memory because it never loads pandas. What reads files, or a cluster, is imported where it is used.
"""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit import manifest
from audit.config import Config, moment, rfc3339
from audit.deliver.files import Folder
from audit.errors import (
    AuditError,
    CollectError,
    DeliveryError,
    FindingsError,
    IncompleteError,
    UsageError,
)
from audit.manifest import Digest, Manifest
from audit.memory import collector_paused
from audit.progress import progress
from audit.severity import Severity

if TYPE_CHECKING:
    from audit.checks import CheckResult
    from audit.facts import Facts
    from audit.snapshot import Snapshot
    from audit.store import Run
    from audit.waivers import Waivers

SNAPSHOT_FILE: Final = "snapshot.zip"
_MOST_NAMED: Final = 3
_STEPS: Final = 9
"""Steps of `run` that are timed."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of a run that wrote its results."""

    lines: tuple[str, ...]
    """What there is to say of them."""
    problem: AuditError | None
    """What still went wrong, or was asked to be an error: the first that applies."""


def run(config: Config) -> Outcome:
    """Audit what `config.source` names and write the results into `config.out`.

    What is wrong with the options is said before anything is read; what could be rendered is written even if
    something else could not.
    """
    from audit import checks, facts, waivers
    from audit.compose import compose, split
    from audit.deliver import look, outputs, summary
    from audit.history.keeping import Keeping
    from audit.queries import scope

    outputs.check(config.formats, split=bool(config.split))
    _check_mail(config)
    house = look.read(config.settings)
    folder = Folder(config.out)
    store = Keeping(config)
    accepted = waivers.read(config.waivers)
    with collector_paused(), progress("auditing", total=_STEPS) as tick:
        step = _Steps(tick)
        with step("collect"):
            snapshot = collect(config)
        as_of = config.as_of or taken(snapshot)
        with step("evaluate"):
            known = facts.evaluate(snapshot, config.settings)
            only = scope.chosen(known, config.namespaces, config.namespace_selector)
        with step("check"):
            judged = checks.run(known, only)
        with step("waive"):
            applied = waivers.apply(judged, accepted, known, as_of, only)
            results = store.dated(applied.results, snapshot, as_of)
        with step("look back"):
            past = store.past(known, results, as_of)
        with step("compose"):
            composed = partial(
                compose, known, as_of=as_of, generator=_generator(), past=past, waivers=applied.waivers
            )
            beside = (
                split.beside(results, known.namespaces["namespace"], only, config.settings.split_most)
                if config.split
                else None
            )
            kept = made_with(config, accepted)
            evidence = _evidence(snapshot, kept, store.previous)
            report = look.dressed(composed(results, only=only, beside=beside), house, evidence)
        with step("render"):
            files, failed = outputs.render(report, config.formats)
        with step("split"):
            for path, part in split.parts(results, beside, composed):
                more, missing = outputs.render_part(look.dressed(part, house, evidence), config.formats, path)
                files |= more
                failed |= missing
        with step("pack"):
            files[SNAPSHOT_FILE] = snapshot.container
            files |= store.files() | kept
        record = store.linked(_record(config, snapshot, as_of, step.durations, files, failed))
        unwritten = _written(folder, files, record)
        told_of_store = store.put(files, record, as_of)
    unmeasured = _measured(config, known, results, as_of)
    told, untold = _mailed(config, store.stored)
    problem = _first(
        outputs.not_rendered(failed, config.out) if failed else None,
        unwritten,
        store.problem,
        unmeasured,
        untold,
        _incomplete(config, snapshot, results),
        _grave(config, summary.failed(report)),
    )
    lines = [] if unwritten else summary.lines(report, config.out, sorted(files))
    return Outcome((*lines, *told_of_store, *told), problem)


def collect(config: Config) -> "Snapshot":
    """Read what `--from` names, or else the live cluster; CollectError where there is nothing to audit."""
    if config.source is None:
        return _collect_cluster(config)
    from audit.collect.files import collect_files

    if config.source == "-" and sys.stdin is None:
        raise CollectError("cannot read standard input: it is closed; pipe something in")
    try:
        # files have no time of their own: the one that the report is to have is that of what it is about
        now, tool = rfc3339(config.as_of or config.now), version("segaudit")
        called = config.settings.cluster_name
        snapshot = collect_files(Path(config.source), taken=now, tool_version=tool, cluster=called)
    except OSError as error:
        raise CollectError(f"cannot read {config.source}: {error.strerror}; copy it and try again") from None
    if snapshot.state("pods") == "forbidden" and not snapshot.rows("pods"):
        raise CollectError(
            f"pods could not be listed in any namespace of {snapshot.provenance.description}; "
            "collect again as somebody who may list them"
        )
    return snapshot


def _collect_cluster(config: Config) -> "Snapshot":
    from audit.collect.cluster.messages import Connect
    from audit.collect.cluster.read import collect_cluster

    wanted = Connect(
        kubeconfig=tuple(map(str, config.kubeconfig)),
        context=config.context,
        log_format=config.log_format,
        quiet=config.quiet,
        verbose=config.verbose,
    )
    return collect_cluster(
        wanted,
        namespaces=config.namespaces,
        cluster_name=config.settings.cluster_name,
        tool_version=version("segaudit"),
    )


def taken(snapshot: "Snapshot") -> datetime:
    """The time of the snapshot; CollectError if it has none, for a report without a date is no evidence."""
    provenance = snapshot.provenance
    try:
        return moment(provenance.taken)
    except ValueError:
        raise CollectError(f"{provenance.description}: the snapshot has no time; take it again") from None


def evaluated(config: Config) -> "Facts":
    """Collect and evaluate, for a question; what may make the answer wrong is said on standard error."""
    from audit import facts

    with collector_paused():
        known = facts.evaluate(collect(config), config.settings)
    if missing := _missing(known.snapshot):
        _log.warning("not everything could be read, the answer may lack something: %s", missing)
    governing = known.policies[known.policies["governs"] & ~known.policies["evaluated"]]
    if len(governing):
        kinds = governing["kind"].astype("str") + " of " + governing["api_version"].astype("str")
        _log.warning(
            "not evaluated by this version, and may change the answer: %s",
            ", ".join(f"{count:,} {kind}" for kind, count in kinds.value_counts().sort_index().items()),
        )
    return known


def made_with(config: Config, accepted: "Waivers | None" = None) -> dict[str, bytes]:
    """The files that keep what a run was made with; what they hold is no secret (`Settings`)."""
    from audit import checks

    files = {
        manifest.CONFIGURATION: config.settings.canonical(),
        manifest.CATALOGUE: checks.as_json().encode(),
    }
    if accepted is not None and accepted.data is not None:
        files[manifest.WAIVERS] = accepted.data
    return files


def _evidence(
    snapshot: "Snapshot", kept: dict[str, bytes], previous: Digest | None
) -> dict[str, Digest | None]:
    """What a report is made of, by file, with what there is none of."""
    made = {name: Digest.of(kept[name]) if name in kept else None for name in manifest.MADE_WITH}
    return {SNAPSHOT_FILE: Digest.of(snapshot.container), **made, manifest.NAME: previous}


def require_complete(config: Config, snapshot: "Snapshot") -> None:
    """With `--strict`, IncompleteError if something could not be read."""
    if problem := _incomplete(config, snapshot, ()):
        raise problem


@dataclass
class _Steps:
    """How long each step took, in seconds; each is a part of the progress."""

    tick: Callable[[int], None]
    durations: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.durations[name] = round(time.perf_counter() - started, 3)
        _log.debug("%s: %.3f s", name, self.durations[name])
        self.tick(1)


def _written(folder: Folder, files: dict[str, bytes], record: Manifest) -> AuditError | None:
    try:
        folder.write(files, record)
    except AuditError as error:
        return error
    return None


def _check_mail(config: Config) -> None:
    """With `--mail`, UsageError if there is nothing to mail, or nobody."""
    if not config.mail:
        return
    from audit.deliver import letters

    letters.check(config)
    if not config.store:
        raise UsageError("--mail needs a store, which knows what was sent: name one with --store URL")
    if "json" not in config.formats:
        raise UsageError("--mail needs json among --format, of which the mail is made")


def _measured(
    config: Config, known: "Facts", results: "Sequence[CheckResult]", as_of: datetime
) -> AuditError | None:
    """Deliver the figures as metrics, if that is asked for."""
    if not config.settings.metrics.wanted:
        return None
    from audit.deliver import metrics
    from audit.history.record import head

    return metrics.publish(config.settings.metrics, head(known, results, as_of))


def _mailed(config: Config, stored: "Run | None") -> tuple[list[str], AuditError | None]:
    """With `--mail`, tell people of the run, if it is stored."""
    if not config.mail or stored is None:
        return [], None
    from audit.deliver import notify

    return notify.notify(config, stored)


def _first(*problems: AuditError | None) -> AuditError | None:
    """The gravest of what went wrong; what else could not be written is said, too."""
    found = [problem for problem in problems if problem is not None]
    for other in found[1:]:
        if isinstance(other, DeliveryError):
            _log.warning("%s", other)
    return found[0] if found else None


def _generator() -> str:
    return f"segaudit {version('segaudit')}"


def _record(  # noqa: PLR0913, PLR0917  # a record of all of it
    config: Config,
    snapshot: "Snapshot",
    as_of: datetime,
    durations: dict[str, float],
    files: dict[str, bytes],
    failed: dict[str, str],
) -> Manifest:
    provenance = snapshot.provenance
    digests = {path: Digest.of(data) for path, data in files.items()}
    return Manifest(
        version=version("segaudit"),
        cluster=provenance.cluster or provenance.description,
        cluster_uid=provenance.cluster_uid,
        source=provenance.description,
        taken=provenance.taken,
        as_of=rfc3339(as_of),
        started=rfc3339(config.now),
        durations=durations,
        complete=snapshot.complete,
        configuration=digests[manifest.CONFIGURATION],
        waivers=digests.get(manifest.WAIVERS),
        catalogue=digests[manifest.CATALOGUE],
        not_rendered=failed,
        files=digests,
    )


def _incomplete(
    config: Config, snapshot: "Snapshot", results: "Sequence[CheckResult]"
) -> IncompleteError | None:
    """What `--strict` makes an error."""
    if not config.strict:
        return None
    broken = [result.check.id for result in results if (result.subjects["status"] == "error").any()]
    if broken:
        return IncompleteError(f"--strict: checks failed to run: {', '.join(broken)}; --verbose shows why")
    if not snapshot.complete:
        return IncompleteError(f"--strict: not everything could be read: {_missing(snapshot)}")
    return None


def _missing(snapshot: "Snapshot") -> str:
    """What could not be read, the first few by name; empty if all was."""
    named = snapshot.missing()
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _grave(config: Config, failed: Counter[Severity]) -> FindingsError | None:
    """What `--fail-on` makes an error."""
    if config.fail_on is None:
        return None
    count = sum(number for severity, number in failed.items() if severity >= config.fail_on)
    return (
        FindingsError(f"--fail-on {config.fail_on.word}: {count:,} findings are that grave")
        if count
        else None
    )
