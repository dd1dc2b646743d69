"""What does not fit is named, and the rest of the object counts."""

import json

import pytest

from audit.collect import objects
from audit.collect.fit import NOT_A_STRING, decode, fit
from audit.documents import DocumentError, read_json_tree, read_yaml

LEFT_OUT = "the API server would refuse it, and it is left out"


def fitted(text, wanted=objects.Pod):
    (document,) = read_yaml(text.encode())
    return fit(document.value, wanted)


def test_both_doors_say_the_same():
    text = {
        "metadata": {"name": "p", "labels": {"a": "b", "c": None}},
        "spec": {
            "hostNetwork": True,
            "containers": [{"ports": [{"containerPort": 80, "name": "web"}]}, None],
        },
        "status": {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
    }
    raw = json.dumps(text).encode()
    assert decode(raw, objects.Pod) == fit(read_json_tree(raw), objects.Pod)
    assert decode(raw, objects.Pod)[1] == []


@pytest.mark.parametrize("value", ["1", "01", "1e3", "true", "True", "on", "1_000", "0x1F", "-0", "1.50"])
def test_a_label_counts_as_it_is_written(value):
    pod, misfits = fitted(f"metadata: {{labels: {{a/b: {value}, ok: text}}}}")
    assert pod.metadata.labels == {"a/b": value, "ok": "text"}
    assert misfits == [("metadata.labels.a/b", NOT_A_STRING)]


@pytest.mark.parametrize("value", ["2024-01-02", "'1'", "='", "012:34x", "nul"])
def test_a_label_that_is_a_string_is_no_defect(value):
    assert fitted(f"metadata: {{labels: {{a: {value}}}}}")[1] == []


def test_a_json_label_that_is_a_number_counts_as_it_is_written():
    pod, misfits = decode(b'{"metadata": {"labels": {"a": 1e3, "b": false}}}', objects.Pod)
    assert pod.metadata.labels == {"a": "1e3", "b": "false"}
    assert len(misfits) == 2


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ("metadata: []", "metadata", "a mapping"),
        ("metadata: {labels: [a]}", "metadata.labels", "a mapping"),
        ("metadata: {labels: {a: {b: c}}}", "metadata.labels.a", "a string"),
        ("spec: {containers: {}}", "spec.containers", "a list"),
        ("spec: {containers: [{}, x]}", "spec.containers[1]", "a mapping"),
        ("spec: {hostNetwork: 'true'}", "spec.hostNetwork", "true or false"),
        ("spec: {hostNetwork: 1}", "spec.hostNetwork", "true or false"),
        ("spec: {nodeName: []}", "spec.nodeName", "a string"),
        (
            "spec: {containers: [{ports: [{containerPort: '80'}]}]}",
            "spec.containers[0].ports[0].containerPort",
            "an integer",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: 1.5}]}]}",
            "spec.containers[0].ports[0].containerPort",
            "an integer",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: true}]}]}",
            "spec.containers[0].ports[0].containerPort",
            "an integer",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: .inf}]}]}",
            "spec.containers[0].ports[0].containerPort",
            "an integer",
        ),
    ],
)
def test_a_part_of_the_wrong_shape_is_left_out(text, path, wanted):
    pod, misfits = fitted(f"{text}\nstatus: {{phase: Running}}")
    assert misfits == [(path, f"is not {wanted}: {LEFT_OUT}")]
    assert pod.status.phase == "Running"


def test_integers_are_read_as_kubernetes_reads_them():
    pod, misfits = fitted("spec: {containers: [{ports: [{containerPort: 0x50}, {containerPort: 8e1}]}]}")
    assert [port.container_port for port in pod.spec.containers[0].ports] == [80, 80]
    assert misfits == []


def test_a_target_port_is_a_number_or_a_name():
    ports = "spec: {ports: [{targetPort: 80}, {targetPort: '80'}, {targetPort: web}, {targetPort: true}]}"
    service, misfits = fitted(ports, objects.Service)
    assert [port.target_port for port in service.spec.ports] == [80, "80", "web", None]
    assert [path for path, _ in misfits] == ["spec.ports[3].targetPort"]


def test_an_object_that_is_none_is_empty():
    assert fit([], objects.Pod)[0] == objects.Pod()


def test_what_cannot_be_read_says_why():
    with pytest.raises(DocumentError):
        decode(b'{"metadata": ', objects.Pod)
    with pytest.raises(DocumentError, match="nested"):
        decode(b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", objects.Pod)


def test_half_a_surrogate_is_replaced():
    pod, _ = decode(rb'{"metadata": {"labels": {"a": "\ud800"}}}', objects.Pod)
    assert pod.metadata.labels == {"a": "\N{REPLACEMENT CHARACTER}"}
