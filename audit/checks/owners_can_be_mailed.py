"""Owners of namespaces whose annotated address mail may not go to."""

import pandas as pd

from audit.channels import OWNERS_MAX, Mail, owner_addresses
from audit.checks import check
from audit.checks._model import Status
from audit.checks._subjects import subjects
from audit.facts import Facts
from audit.language import number
from audit.severity import Severity


@check(
    title="Owners can be mailed",
    severity=Severity.LOW,
    subject="namespace",
    needs=("namespaces",),
    local=True,
)
def owners_can_be_mailed(facts: Facts) -> pd.DataFrame:
    """Owners of namespaces get the findings of their namespace by mail, also those whom an annotation names.

    Whoever may annotate a namespace could have its findings sent anywhere, so mail goes only to the domains
    of `mail.allowed_domains`, and to the first five addresses of a namespace. An address that is elsewhere or
    beyond these gets none, and nobody would notice. Where no domain is allowed, annotations send nothing.
    """
    rows = facts.namespaces
    mail = facts.settings.mail
    told = [_judged(name, owner, mail) for name, owner in zip(rows["namespace"], rows["owner"], strict=True)]
    names = {"namespace": rows["namespace"], "name": rows["namespace"]}
    verdicts = {"status": [status for status, _ in told], "message": [message for _, message in told]}
    return subjects({"kind": "Namespace", **names, **verdicts}, len(rows))


def _judged(namespace: str, owner: str, mail: Mail) -> tuple[str, str]:
    addresses = owner_addresses(owner)
    if not addresses:
        return Status.NOT_APPLICABLE.value, "Its annotation names no address of an owner."
    if not mail.allowed_domains:
        return (
            Status.NOT_APPLICABLE.value,
            "mail.allowed_domains is empty: annotations send no mail.",
        )
    problems = []
    if not all(map(mail.allows, addresses)):
        problems.append(
            "an owner by annotation whose address is not in mail.allowed_domains, so no mail is sent there: "
            "name an address that is, or add its domain"
        )
    if len(addresses) > OWNERS_MAX:
        problems.append(
            f"{number(len(addresses))} owners by annotation, of whom the first {OWNERS_MAX} alone are "
            "mailed: name fewer, such as a list of all of them"
        )
    if not problems:
        return Status.PASSED.value, "Its owners can be mailed."
    return Status.FAILED.value, f"Namespace {namespace} names {'; and '.join(problems)}."
