"""All outputs of one report, of a cluster whose names try to break them, and of one with nothing in it."""

import pytest

from audit.config import FORMATS
from audit.deliver import outputs
from tests.compose.objects import CALICO, CLOSED, pod, policy
from tests.reports.sample_sections import HOSTILE

PAPER = "pdf"
"""Is slow, and has its own tests of this."""
ODD = "'we|b`[x](http://evil.example)<b>@all'"
STRANGE = "".join(
    policy(f"p{number}", "{podSelector: {}}").replace(
        "metadata: {", f"metadata: {{annotations: {{segaudit.io/justification: {text!a}}}, "
    )
    for number, text in enumerate(text for text in HOSTILE if text.isprintable() and "'" not in text)
)


def rendered(report):
    files, failed = outputs.render(report, [token for token in FORMATS if token != PAPER])
    assert failed == {}
    assert files == outputs.render(report, [token for token in FORMATS if token != PAPER])[0]
    return files


@pytest.mark.parametrize(
    "manifests",
    [
        pod(ODD, labels="app: '=1+1'") + pod("web", "'no | namespace'") + STRANGE + CALICO,
        CLOSED,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    ],
    ids=["strange", "no pods", "nothing"],
)
def test_every_output_is_made_and_made_again_the_same(report, manifests):
    files = rendered(report(manifests))
    assert len(files) == len(outputs.ONE_FILE) - 1 + len(report(manifests).data) + 7
