"""How long a report gets on paper, whatever the cluster."""

import json

import msgspec
import pytest

from reports.model import Look
from tests.compose.objects import pod
from tests.reports.boxes import pages_of

MOST = 60
"""Pages with tables, of any cluster."""
SPACES, EACH = 60, 6


def long(prefix: str, number: int) -> str:
    return f"{prefix}-{'long.name-' * 26}"[:247] + f"{number:06}"


def cluster() -> str:
    """Most checks have more findings than are shown, of objects whose names are as long as they may be."""
    objects = []
    for number in range(SPACES * EACH):
        space, place = f"team-{number // EACH:058}", number % EACH
        app = {"app": f"a{place}"}
        nobody = {"app": "gone", "x" * 60: "y" * 60}
        spec = {
            "podSelector": {"matchLabels": app if place % 2 else nobody},
            "ingress": [
                {"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"podSelector": {"matchLabels": nobody}}]}
            ],
        }
        for kind, version, name, labels, rest in (
            ("Pod", "v1", long("app", number), app, {"containers": [{"ports": [{"containerPort": 8080}]}]}),
            (
                *("Service", "v1", f"svc-{number:059}", {}),
                {"type": "LoadBalancer", "selector": app, "ports": [{"port": 80, "targetPort": 8080}]},
            ),
            ("NetworkPolicy", "networking.k8s.io/v1", long("pol", number), {}, spec),
        ):
            metadata = {"name": name, "namespace": space, "labels": labels}
            objects.append({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": rest})
    return "\n---\n".join(map(json.dumps, objects))


def test_tables_fill_no_more_than_so_many_pages(report, monkeypatch):
    pages = pages_of(report(cluster()), monkeypatch)
    with_tables = [any(type(box).__name__ == "TableBox" for box in page.descendants()) for page in pages]
    assert MOST / 2 < sum(with_tables) <= MOST


@pytest.mark.parametrize("sheet", ["A4", "Letter"])
def test_what_is_signed_and_what_stands_under_it_is_one_page(report, monkeypatch, sheet):
    pages = pages_of(msgspec.structs.replace(report(pod("a")), look=Look(page=sheet)), monkeypatch)
    last = " ".join(box.text for box in pages[-1].descendants() if type(box).__name__ == "TextBox")
    assert "Sign-off" in last
    assert "Next review due" in last
    assert "SHA-256 of the" in last
