"""The command line: options in, exit code out. Commands are in `audit.commands`, imported when called."""

import argparse
import importlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, cast

from audit import language, log, signals
from audit.errors import AuditError, RenderError, UsageError
from audit.options import add_diff, add_history, add_mail, add_store, add_verify

INTERRUPTED: Final = 128 + signal.SIGINT

_log = logging.getLogger(__name__)

_EXAMPLES: Final = """\
examples:
  segaudit run --out report
  segaudit run --from manifests/ --out report
  kubectl get namespaces,nodes,pods,services,networkpolicies -A -o json | segaudit run --from -
  segaudit explain --from manifests/ shop/Deployment/web 203.0.113.7 --port 443

exit codes:
  0    done; findings alone do not fail a job
  1    a finding is as grave as --fail-on says, or graver; with diff --exit-code: they differ
  2    the command line, the configuration, the waivers or --out cannot be used
  3    nothing could be collected
  4    something could not be rendered, or a fault in segaudit
  5    the results could not be written, stored or sent
  6    with --strict: a check failed to run, or something could not be read
  130  interrupted
  143  terminated
The first of 2, 3, 4, 5, 6, 1 that applies.
"""
_RUN_EXAMPLES: Final = """\
examples:
  segaudit run --context prod-eu-1 --out report
  segaudit run --from bundle.tar.gz --out report
  segaudit run --from out/snapshot.zip --out again --format csv
  segaudit run --from manifests/ --namespace shop --fail-on high
"""
_SNAPSHOT_EXAMPLE: Final = """\
examples:
  segaudit snapshot -o monday.zip
  segaudit snapshot --from bundle.tar.gz -o monday.zip
"""
_CONNECTIONS_EXAMPLE: Final = """\
example:
  segaudit connections --from manifests/ --level workload --format md
"""
_EXPLAIN_EXAMPLES: Final = """\
examples:
  segaudit explain --from manifests/ shop/web-0 shop/db-0 --port 3306
  segaudit explain --from manifests/ shop/Deployment/web 203.0.113.7 --port 443 --protocol TCP
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every error of ours is said."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # argparse's own options, passed through
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        sys.stdout.write(f"segaudit {version('segaudit')}\n")
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what `arguments` (by default those of the process) ask for; return the exit code."""
    options = argparse.Namespace(verbose=False, log_format="text")
    try:
        with signals.sigterm_ends_it():
            return _main(arguments, options)
    except KeyboardInterrupt:
        return _failed(options, "interrupted", INTERRUPTED)
    except signals.Terminated:
        return _failed(options, "terminated", signals.TERMINATED)


def _main(arguments: Sequence[str] | None, options: argparse.Namespace) -> int:
    try:
        parser().parse_args(arguments, options)
        log_format = _log_format(options)
        log.configure(log_format, quiet=options.quiet, verbose=options.verbose)
        return _call(options, log_format)
    except AuditError as error:
        return _failed(options, str(error), error.exit_code)
    except MemoryError:
        return _failed(options, "out of memory; this input needs more than there is", RenderError.exit_code)
    except Exception as error:  # noqa: BLE001  # the last resort: a line in place of a traceback
        message = f"a fault in segaudit: {_fault(error)}; run it with --verbose and report what it says"
        return _failed(options, message, RenderError.exit_code)


def _log_format(options: argparse.Namespace) -> Literal["text", "json"]:
    """As asked for; else JSON while a live cluster is read and nobody looks: progress is log lines then."""
    if options.log_format is not None:
        return cast("Literal['text', 'json']", options.log_format)
    live = getattr(options, "source", "") is None
    return "json" if live and sys.stderr is not None and not sys.stderr.isatty() else "text"


def _call(options: argparse.Namespace, log_format: Literal["text", "json"]) -> int:
    from audit import config, progress
    from audit.deliver import stdout

    command = importlib.import_module(f"audit.commands.{options.command}")
    progress.allow(options.progress)
    given = vars(options) | {"log_format": log_format}
    flags = cast(
        "config.Flags", {name: given[name] for name in config.Flags.__annotations__ if name in given}
    )
    loaded = config.load(given.get("config"), os.environ, **flags)
    try:
        settings = loaded.settings
        with language.written_in(settings.language, any_script=bool(settings.fonts)):
            status: int = command.run(loaded, options)
    except stdout.ReaderGone:
        return 0
    return status


def _failed(options: argparse.Namespace, message: str, status: int) -> int:
    """Say what went wrong in a line, with --verbose also where; return `status`."""
    if options.log_format == "json":
        _log.error("%s", message, exc_info=True)
    elif sys.stderr is not None:
        with suppress(OSError):
            print(f"segaudit: {log.printable(message)}", file=sys.stderr, flush=True)  # noqa: T201  # not a log line
        _log.debug("where it happened", exc_info=True)
    return status


def _fault(error: Exception) -> str:
    """The type of an error and the last place of ours that it passed; not its text, which may be input."""
    root = Path(__file__).parent.parent
    places = traceback.extract_tb(error.__traceback__)
    last = [
        place for place in places if {root / "audit", root / "reports"} & {*Path(place.filename).parents}
    ][-1]
    return f"{type(error).__name__} at {Path(last.filename).relative_to(root)}:{last.lineno}"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it refuses is a UsageError."""
    top = _Parser(
        prog="segaudit",
        description="Audits the network segmentation of Kubernetes clusters: which pods are isolated by\n"
        "NetworkPolicy, which are open to whom, why, and the YAML that closes it.",
        epilog=_EXAMPLES,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = top.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser(
        "run",
        help="audit, and write the report into a folder",
        description="Collects, evaluates, checks, and writes the report with its data and its evidence.",
        epilog=_RUN_EXAMPLES,
    )
    _add_source(run)
    _add_scope(run)
    _add_results(run)
    snapshot = commands.add_parser(
        "snapshot",
        help="collect only, and write one snapshot file",
        description="Collects, and writes the evidence as one file that the other commands read.",
        epilog=_SNAPSHOT_EXAMPLE,
    )
    _add_source(snapshot)
    _add_scope(snapshot)
    snapshot.add_argument(
        "-o", "--output", dest="file", metavar="FILE", type=Path, required=True, help="the file to write"
    )
    connections = commands.add_parser(
        "connections",
        help="print every allowed connection",
        description="Prints every connection that the policies allow, a row a pair that may connect.",
        epilog=_CONNECTIONS_EXAMPLE,
    )
    _add_source(connections)
    connections.add_argument(
        "--level",
        choices=("pod", "workload", "namespace"),
        default="workload",
        help="what the ends of a connection are (default: %(default)s)",
    )
    connections.add_argument(
        "--format", choices=("csv", "json", "md"), default="csv", help="how to print (default: %(default)s)"
    )
    _add_scope(connections)
    explain = commands.add_parser(
        "explain",
        help="say whether a connection is allowed, and by which policy and rule",
        description="Says whether SRC may connect to DST, at both ends, and which policy and rule decide.",
        epilog=_EXPLAIN_EXAMPLES,
    )
    _add_source(explain)
    _add_ends(explain)
    checks = commands.add_parser(
        "checks",
        help="print the catalogue of checks",
        description="Prints what is checked, how grave it is and why it matters.",
    )
    checks.add_argument(
        "--framework", metavar="ID", help="one framework: each control, and the checks that speak for it"
    )
    checks.add_argument(
        "--format", choices=("md", "json"), default="md", help="how to print (default: %(default)s)"
    )
    for command in (
        run,
        snapshot,
        connections,
        explain,
        checks,
        add_diff(commands),
        *add_history(commands),
        add_mail(commands),
        add_verify(commands),
    ):
        _add_general(command)
    return top


def _add_general(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what is said on standard error")
    loudness = group.add_mutually_exclusive_group()
    loudness.add_argument("--quiet", action="store_true", help="errors, and what an answer rests on, only")
    loudness.add_argument("--verbose", action="store_true", help="more, tracebacks too")
    group.add_argument(
        "--log-format",
        choices=("text", "json"),
        help="lines for people, or JSON (default: text; JSON where a live cluster is read and standard error "
        "is no terminal)",
    )
    group.add_argument(
        "--no-progress", dest="progress", action="store_false", help="no progress bars on a terminal"
    )


def _add_source(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what is read")
    group.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        help="a folder of manifests, `kubectl get -o json|yaml` output, a support bundle (folder or "
        ".tar.gz), a snapshot file, or - for standard input (default: the live cluster)",
    )
    group.add_argument(
        "--kubeconfig",
        metavar="FILE",
        type=Path,
        help="how to reach the live cluster (default: KUBECONFIG, ~/.kube/config, or the cluster that this "
        "runs in)",
    )
    group.add_argument("--context", metavar="NAME", help="a context of the kubeconfig (default: the current)")
    group.add_argument("--config", metavar="FILE", type=Path, help="segaudit.yaml; all in it is optional")
    group.add_argument(
        "--strict", action="store_true", help="exit 6 if a check failed to run or something could not be read"
    )


def _add_scope(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what is reported")
    group.add_argument(
        "--namespace",
        dest="namespaces",
        action="append",
        metavar="NAME",
        help="this namespace alone (repeatable); what others allow and reach still counts. With rights in "
        "some namespaces only, name these",
    )
    group.add_argument(
        "--namespace-selector", metavar="SELECTOR", help="namespaces with these labels, as team=shop,env!=dev"
    )


def _add_results(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("what comes of it")
    group.add_argument(
        "--out", type=Path, metavar="DIR", help="new, empty, or written by segaudit before (default: out)"
    )
    group.add_argument(
        "--format",
        dest="formats",
        action="append",
        metavar="LIST",
        help="some of html,pdf,json,csv,md,xlsx,sarif,junit,openmetrics,policyreport,oscal,calico-csv "
        "(default: html,pdf,json,csv)",
    )
    group.add_argument(
        "--split",
        choices=("namespace",),
        help="write a report for each namespace with findings, too, as namespaces/NAME.html and .pdf",
    )
    group.add_argument("--waivers", type=Path, metavar="FILE", help="accepted risks, with owner and end date")
    group.add_argument(
        "--as-of", metavar="TIME", help="date of the report and of files (default: when that was taken)"
    )
    add_store(group)
    group.add_argument(
        "--mail", action="store_true", help="tell people of the run as soon as it is stored (segaudit mail)"
    )
    group.add_argument(
        "--fail-on", metavar="LEVEL", help="exit 1 on a finding of low, medium, high or critical, or above"
    )


def _add_ends(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("from_end", metavar="SRC", help="NAMESPACE/POD, NAMESPACE/KIND/NAME or an address")
    explain.add_argument("to_end", metavar="DST", help="the same")
    explain.add_argument("--port", type=_port, help="one port (default: all)")
    explain.add_argument(
        "--protocol", choices=("TCP", "UDP", "SCTP"), type=str.upper, help="one protocol (with --port: TCP)"
    )
    explain.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: %(default)s)"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; allowed is a number from 1 to 65535")
    return int(text)
