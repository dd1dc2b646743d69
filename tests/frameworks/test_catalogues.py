"""What holds of all catalogues, and of the controls that checks point at."""

import re
from collections import Counter

import pytest

from audit import checks, frameworks
from audit.frameworks import Control
from audit.frameworks._model import framework
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES
from audit.frameworks.pci_dss import PCI_DSS

FRAMEWORKS = frameworks.load()
CONTROLS = [control for each in FRAMEWORKS.values() for control in each.controls]
POINTED_AT = {control for check in checks.load() for control in check.controls}
ASKED_FOR = {
    "bsi-app-4.4",
    "cis-aks-1.8",
    "cis-eks-1.8.0",
    "cis-gke-1.9.0",
    "cis-k3s-1.12",
    "cis-kubernetes-2.0.1",
    "cis-openshift-1.9.0",
    "cis-rke2-1.12",
    "hipaa-security-rule",
    "iso-27001-2022",
    "microsoft-threat-matrix",
    "nist-800-190",
    "nist-800-53-r5",
    "nsa-cisa-1.2",
    "owasp-kubernetes-2025",
    "pci-dss-4.0.1",
    "soc2-2017",
    "stig-openshift-4.12-v2r2",
}


def called(control):
    return f"{control.framework} {control.id}"


def test_the_package_is_walked():
    assert set(FRAMEWORKS) == ASKED_FOR
    assert list(FRAMEWORKS) == sorted(FRAMEWORKS)


@pytest.mark.parametrize("each", FRAMEWORKS.values(), ids=lambda each: each.id)
def test_an_id_can_be_written_anywhere_and_leads_to_its_controls(each):
    assert re.fullmatch(r"[a-z0-9.-]+", each.id)
    assert all(each[control.id] is control and control.framework == each.id for control in each.controls)


@pytest.mark.parametrize("control", CONTROLS, ids=called)
def test_each_mapping_says_three_things(control):
    assert control.title
    assert control.by_hand
    if (control.base or control) in POINTED_AT:
        assert control.covers
        assert control.does_not_cover
    for text in (control.covers, control.does_not_cover, control.by_hand):
        assert not text or text.endswith(".")
        assert len(text) <= 160


def test_nothing_says_that_a_control_is_fulfilled():
    words = " ".join(f"{c.title} {c.covers} {c.does_not_cover} {c.by_hand}" for c in CONTROLS)
    assert not re.search(r"\b(met|compliant|complies|fulfilled)\b", words)


def test_a_title_stands_in_one_place():
    titles = Counter(control.title for control in CONTROLS if control.base is None)
    assert [title for title, count in titles.items() if count > 1] == []
    assert all(control.title == control.base.title for control in CONTROLS if control.base)


def test_checks_point_at_controls_of_catalogues_and_never_at_a_number_that_is_given_anew():
    assert set(CONTROLS) >= POINTED_AT
    assert all(control.base is None for control in POINTED_AT)


def test_a_control_that_does_not_exist_is_refused():
    with pytest.raises(LookupError, match=r"pci-dss-4\.0\.1 has no control 1\.9\.9"):
        PCI_DSS["1.9.9"]


def test_two_controls_of_one_id_are_refused():
    twice = (Control("1", "a", "b."), Control("1", "c", "d."))
    with pytest.raises(ValueError, match="x: two controls have one id"):
        framework(*twice, id="x", name="X")


def test_a_module_without_its_framework_is_refused_by_name(monkeypatch):
    frameworks.load.cache_clear()
    monkeypatch.setattr(frameworks.importlib, "import_module", lambda _: frameworks)
    with pytest.raises(ImportError, match="has no framework BSI_APP_4_4"):
        frameworks.load()
    frameworks.load.cache_clear()


def test_two_frameworks_of_one_id_are_refused(monkeypatch):
    frameworks.load.cache_clear()
    monkeypatch.setattr(frameworks, "_walked", lambda: iter((PCI_DSS, PCI_DSS)))
    with pytest.raises(ImportError, match=r"two frameworks are called pci-dss-4\.0\.1"):
        frameworks.load()
    frameworks.load.cache_clear()


@pytest.mark.parametrize(
    ("variant", "network_policies"),
    [
        ("cis-aks-1.8", "4.4.2"),
        ("cis-eks-1.8.0", "4.3.2"),
        ("cis-gke-1.9.0", "4.3.2"),
        ("cis-k3s-1.12", "5.3.2"),
        ("cis-openshift-1.9.0", "5.3.2"),
        ("cis-rke2-1.12", "5.3.2"),
    ],
)
def test_a_variant_has_its_own_numbers_for_the_same_controls(variant, network_policies):
    assert FRAMEWORKS[variant].variant_of == CIS_KUBERNETES.id
    assert FRAMEWORKS[variant][network_policies].base is CIS_KUBERNETES["5.3.2"]


def test_there_is_no_5_3_3():
    assert not any(control.id == "5.3.3" for control in CONTROLS)
