"""Owners of namespaces whose annotated address mail may not go to."""

import pandas as pd

from audit.channels import Mail, owner_addresses
from audit.checks import check
from audit.checks._model import Status
from audit.checks._subjects import subjects
from audit.facts import Facts
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
    of `mail.allowed_domains`. An address in another one gets none, and its namespace has nobody who is told.
    """
    rows = facts.namespaces
    mail = facts.settings.mail
    told = [_judged(name, owner, mail) for name, owner in zip(rows["namespace"], rows["owner"], strict=True)]
    names = {"namespace": rows["namespace"], "name": rows["namespace"]}
    verdicts = {"status": [status for status, _ in told], "message": [message for _, message in told]}
    return subjects({"kind": "Namespace", **names, **verdicts}, len(rows))


def _judged(namespace: str, owner: str, mail: Mail) -> tuple[str, str]:
    addresses = owner_addresses(owner)
    if not (mail.host and mail.allowed_domains and addresses):
        return Status.NOT_APPLICABLE.value, "No address of an owner is known that is to be mailed."
    if all(map(mail.allows, addresses)):
        return Status.PASSED.value, "Its owners can be mailed."
    return Status.FAILED.value, (
        f"Namespace {namespace} names an owner by annotation whose address is not in mail.allowed_domains, "
        "so no mail is sent there: name an address that is, or add its domain."
    )
