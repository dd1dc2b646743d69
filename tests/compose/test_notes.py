"""What is told of policies and rules that passed."""

from tests.checks.objects import ingress, pod, policy, service

PORTS = "[{port: 80, targetPort: 8080, nodePort: 30080}]"


def test_policies_and_rules_that_passed_have_notes(report):
    opened = ingress("{ports: [{port: 8080}]}").replace("policyTypes: [Ingress], ", "")
    found = report(
        pod(ports="[{containerPort: 8080}]")
        + service("web", ports=PORTS, more=", type: NodePort")
        + policy(opened, "open")
        + policy(ingress("{from: [{podSelector: {}}]}"), "plain")
    )
    tables = {dataset.name: dataset.frame for dataset in found.data}
    rules = tables["rules"].set_index("policy")["notes"].to_dict()
    assert rules == {"open": "Published by NodePort Service x/web.", "plain": ""}
    policies = tables["policies"].set_index("name")["notes"].to_dict()
    assert policies["open"].startswith("It has no policyTypes: it holds for ingress alone")
    assert policies["plain"] == ""


def test_what_failed_and_what_is_told_elsewhere_is_no_note(report):
    found = report(pod() + policy(ingress("{ports: [{port: 8080}]}")))
    tables = {dataset.name: dataset.frame for dataset in found.data}
    assert tables["rules"]["notes"].tolist() == [""]
    assert tables["policies"]["notes"].tolist() == [""]
