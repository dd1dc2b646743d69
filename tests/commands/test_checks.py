import json

from audit import checks, frameworks


def test_markdown_is_the_table_of_the_readme(call):
    status, out, err = call("checks")
    assert (status, err) == (0, "")
    assert out == checks.as_markdown()


def test_json_has_every_check_with_its_reason(call):
    listed = json.loads(call("checks", "--format", "json")[1])
    assert [entry["id"] for entry in listed] == [check.id for check in checks.load()]
    assert all(entry["rationale"] for entry in listed)


def test_json_has_the_controls_of_a_check_those_of_variants_too(call):
    listed = {entry["id"]: entry for entry in json.loads(call("checks", "--format", "json")[1])}
    told = {(each["framework"], each["control"]) for each in listed["namespaces-have-policies"]["controls"]}
    assert {("cis-kubernetes-2.0.1", "5.3.2"), ("cis-aks-1.8", "4.4.2")} <= told
    assert listed["owners-can-be-mailed"]["controls"] == []


def test_a_framework_is_the_inverse(call):
    status, out, err = call("checks", "--framework", "pci-dss-4.0.1", "--format", "json")
    assert (status, err) == (0, "")
    told = {each["control"]: each["checks"] for each in json.loads(out)["controls"]}
    assert told["1.2.2"] == []
    assert "rules-are-justified" in told["1.2.5"]
    for check in checks.load():
        for control in check.controls:
            if control.framework == "pci-dss-4.0.1":
                assert check.id in told[control.id]


def test_a_framework_in_markdown_has_a_heading_for_each_control(call):
    status, out, err = call("checks", "--framework", "pci-dss-4.0.1")
    assert (status, err) == (0, "")
    first, *others = out.split("\n## ")
    assert first == (
        "# PCI DSS v4.0.1 (`pci-dss-4.0.1`)\n\nIt holds for the cardholder data environment only.\n"
    )
    assert len(others) == len(frameworks.load()["pci-dss-4.0.1"].controls)
    (review,) = (text for text in others if text.startswith("1.2.7 "))
    for term in ("Checks: `", "Covers: ", "Does not cover: ", "By hand: ", "Frequency: every six months"):
        assert f"\n- {term}" in review


def test_an_unknown_framework_names_those_there_are(call):
    status, out, err = call("checks", "--framework", "pci-dss")
    assert (status, out) == (2, "")
    assert "--framework pci-dss: there is none; allowed are bsi-app-4.4, " in err
    assert "pci-dss-4.0.1" in err
