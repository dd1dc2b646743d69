"""The options of the commands about stored runs; `cli` has all others."""

import argparse
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from audit import durations

_DIFF_EXAMPLES: Final = """\
examples:
  segaudit diff monday.zip friday.zip
  segaudit diff manifests-before/ manifests-after/ --format md
  segaudit diff previous last --store runs/
  segaudit diff 2026-11-01 last --store runs/ --exit-code
"""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY: Final = timedelta(days=1) - timedelta(microseconds=1)
_MAIL_EXAMPLES: Final = """\
examples:
  segaudit mail --store runs/ --config segaudit.yaml
  segaudit mail --store runs/ --run 2026-11-23 --dry-run --out look
"""
_TREND_EXAMPLES: Final = """\
examples:
  segaudit trend --store runs/ --format csv
  segaudit trend --store runs/ --of workloads --since 2026-06-01 --until 2026-11-30
  segaudit trend --store runs/ --of policies
"""
_FLEET_EXAMPLES: Final = """\
examples:
  segaudit fleet prod-eu/ prod-us/ --max-age 8d
  segaudit fleet s3://audits/prod-eu s3://audits/prod-us --out fleet
"""

P = TypeVar("P", bound=argparse.ArgumentParser)


def add_history(commands: "argparse._SubParsersAction[P]") -> Sequence[P]:
    """The commands about stored runs: history, trend and fleet."""
    history = commands.add_parser(
        "history",
        help="print the runs of a store",
        description="Prints the runs that a store holds.",
    )
    history.add_argument(
        "--missing",
        action="store_true",
        help="look into each run, and print the times at which there should be one and is none, too",
    )
    history.add_argument(
        "--every", type=_length, metavar="LENGTH", help="the expected spacing, as 24h (default: the median)"
    )
    trend = commands.add_parser(
        "trend",
        help="print the figures of stored runs, or what they say of a period",
        description="Prints the headline figures of each stored run; or, of all of them together, which\n"
        "workloads or namespaces were isolated throughout, or which policies changed.",
        epilog=_TREND_EXAMPLES,
    )
    trend.add_argument(
        "--of",
        choices=("figures", "workloads", "namespaces", "policies"),
        default="figures",
        help="what is told (default: %(default)s)",
    )
    trend.add_argument("--since", type=_time, metavar="TIME", help="first time or day of the period")
    trend.add_argument("--until", type=_end, metavar="TIME", help="last time or day of the period")
    for command in (history, trend):
        command.add_argument(
            "--config", metavar="FILE", type=Path, help="segaudit.yaml, which may name the store"
        )
        add_store(command)
    fleet = commands.add_parser(
        "fleet",
        help="print the newest figures of many clusters, the worst first",
        description="Prints the figures of the newest run in each of many stores, the worst first; or\n"
        "writes a report on them.",
        epilog=_FLEET_EXAMPLES,
    )
    fleet.add_argument("stores", nargs="+", metavar="STORE", help="where the runs of a cluster are kept")
    fleet.add_argument(
        "--max-age",
        type=_length,
        default="8d",
        metavar="LENGTH",
        help="a last snapshot that is older is called too old (default: %(default)s)",
    )
    fleet.add_argument(
        "--out",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="write report.html, report.pdf, report.json and csv/ there, and print no table",
    )
    for command in (history, fleet):
        command.add_argument("--as-of", metavar="TIME", help="the time that is taken for now (default: now)")
    for command in (history, trend, fleet):
        command.add_argument(
            "--format",
            choices=("text", "json", "csv", "md"),
            default=None if command is fleet else "text",
            help="how to print (default: text)",
        )
    return history, trend, fleet


def add_store(command: "argparse._ActionsContainer") -> None:
    """Where runs are kept."""
    command.add_argument(
        "--store", metavar="URL", help="where runs are kept: a folder, or a URL of s3, gs or abfs"
    )


def add_diff(commands: "argparse._SubParsersAction[P]") -> P:
    """The command that compares two snapshots."""
    diff = commands.add_parser(
        "diff",
        help="print what changed between two snapshots, directories or stored runs",
        description="Prints which workloads lost or gained isolation, which namespaces their default deny,\n"
        "which connections were opened and closed, and which findings are new, fixed or changed.",
        epilog=_DIFF_EXAMPLES,
    )
    what = "a path as --from of other commands has it, a folder that a run wrote; or, with --store, a run"
    diff.add_argument("old", metavar="OLD", help=f"{what}: its name or id, last, previous, or a date or time")
    diff.add_argument("new", metavar="NEW", help="the same")
    group = diff.add_argument_group("what is read")
    add_store(group)
    group.add_argument("--config", metavar="FILE", type=Path, help="segaudit.yaml, for both")
    group.add_argument("--waivers", type=Path, metavar="FILE", help="accepted risks, for both")
    group.add_argument(
        "--as-of", metavar="TIME", help="the day on which waivers count (default: of each, when it was taken)"
    )
    group.add_argument(
        "--strict", action="store_true", help="exit 6 if something could not be read in one of them"
    )
    diff.add_argument(
        "--format",
        choices=("text", "md", "json", "csv"),
        default="text",
        help="how to print; csv: each pair of workloads whose connections differ (default: %(default)s)",
    )
    diff.add_argument("--exit-code", action="store_true", help="exit 1 if they differ")
    return diff


def add_mail(commands: "argparse._SubParsersAction[P]") -> P:
    """The command that tells people of a run."""
    mail = commands.add_parser(
        "mail",
        help="send the mail about a stored run, once",
        description="Sends the mail about a stored run, and its summary to a webhook, as the configuration\n"
        "says: what was sent before is not sent again.",
        epilog=_MAIL_EXAMPLES,
    )
    mail.add_argument(
        "--run",
        default="last",
        metavar="ID",
        help="a run by its folder or Job, `previous`, or the newest at a time or day (default: the newest)",
    )
    mail.add_argument(
        "--dry-run", action="store_true", help="send nothing, and write what would be sent into --out"
    )
    mail.add_argument(
        "--out", type=Path, default=Path("mail"), metavar="DIR", help="for --dry-run (default: %(default)s)"
    )
    mail.add_argument("--config", metavar="FILE", type=Path, help="segaudit.yaml, which says whom to tell")
    add_store(mail)
    return mail


def add_verify(commands: "argparse._SubParsersAction[P]") -> P:
    """The command that looks at what was written."""
    verify = commands.add_parser(
        "verify",
        help="compute all hashes again, and follow the chain of runs",
        description="Says of the files of a run, or of all runs of a store, whether they are what was\n"
        "written, and whether none is missing in the chain.",
    )
    verify.add_argument("place", metavar="DIR|STORE", help="a folder that a run wrote, or a store")
    verify.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: %(default)s)"
    )
    return verify


def _length(text: str) -> timedelta:
    try:
        return durations.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _end(text: str) -> datetime:
    """A day counts to its end."""
    return _time(text) + (_DAY if _DATE.fullmatch(text) else timedelta())


def _time(text: str) -> datetime:
    from audit.config import moment

    try:
        return moment(text)
    except ValueError:
        message = f"{text!r}: allowed is a time such as 2026-11-23T02:00:00Z, or a date"
        raise argparse.ArgumentTypeError(message) from None
