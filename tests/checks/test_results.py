"""What holds of the findings of all checks: severity in context, and ids."""

from audit.settings import Settings
from audit.severity import Severity
from tests.checks.objects import OPEN


def test_severity_is_one_step_lower_in_a_system_namespace_and_says_so(judged):
    cluster = judged(OPEN)
    rows = cluster.rows("namespace-denies-ingress-by-default").set_index("name")
    assert rows["severity"].astype("str").to_dict() == {"kube-system": "medium", "x": "high"}
    assert rows.loc["kube-system", "message"].endswith(
        "Graded medium: high, one step lower in a system namespace."
    )
    other = judged(OPEN, Settings(system_namespaces=("x",)))
    assert set(other.rows("namespace-denies-ingress-by-default")["severity"].astype("str")) == {"medium"}
    assert Severity.LOW.shifted(-1) is Severity.LOW


RULES = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p, namespace: x}}
spec:
  podSelector: {{}}
  ingress: {rules}
"""
WIDE, OTHER, NARROW = (
    f"{{from: [{{ipBlock: {{cidr: {cidr}}}}}]}}" for cidr in ("0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")
)


def ids(cluster):
    rows = cluster.rows("ingress-cidrs-are-narrow")
    return {row.rule: row.id for row in rows.itertuples() if row.status == "failed"}


def test_ids_follow_the_rule_and_not_its_place(judged):
    before = ids(judged(RULES.format(rules=f"[{WIDE}, {OTHER}, {WIDE}]")))
    after = ids(judged(RULES.format(rules=f"[{NARROW}, {OTHER}, {WIDE}, {WIDE}]")))
    assert len(set(before.values())) == 3
    assert before["ingress[1]"] == after["ingress[1]"]
    assert [before["ingress[0]"], before["ingress[2]"]] == [after["ingress[2]"], after["ingress[3]"]]
