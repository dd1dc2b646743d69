"""What letters say of stored runs, hostile ones too."""

import email
import re
import shutil
from email.policy import default

import pytest

from audit.channels import Mail
from audit.compose.letters.cluster import whole_percent
from audit.compose.letters.owners import owners
from audit.compose.letters.stored import Namespace
from tests.deliver.stores import AFTER, Audits, audit, write

CONFIG = (
    "mail: {host: h, from: s@example.com, to: [a@example.com], owners: [shop=o@example.com], attach: false}\n"
)


def shown(audits, *more, hours=26):
    audits.config.write_text(CONFIG, "utf-8")
    shutil.rmtree(audits.folder / "look", ignore_errors=True)
    said = audits.mail("--dry-run", "--out", str(audits.folder / "look"), *more, hours=hours)
    assert said.status == 0, said.err
    found = [
        email.message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((audits.folder / "look").iterdir())
    ]
    return found[0], found[1:]


def text_of(mail):
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_what_changed_since_the_run_before(audits):
    mail, _ = shown(audits)
    text = text_of(mail)
    assert "What changed since 24 November 2026, 02:00 UTC" in text
    assert "HIGH: New: Pod shop/api" in text
    assert "every port. The same holds for Pod shop/web." in text
    assert "HIGH: Gone: Namespaces deny ingress by default: Namespace data." in text
    assert "Isolated for ingress: 33.3 % of pods, +33.3 against 0 %." in text


def test_the_first_run_has_nothing_to_compare_with(audits):
    mail, _ = shown(audits, "--run", audits.runs[0])
    assert "There is no earlier run to compare with." in text_of(mail)
    assert " since " not in text_of(mail).partition("First")[0]


def test_what_changed_since_the_run_that_was_mailed(tmp_path, template, smtp):
    audits = Audits(tmp_path, template)
    audits.settle(smtp().port)
    assert audits.mail("--run", audits.runs[0]).status == 0
    for night in (2, 3):
        audit(write(tmp_path / "prod", AFTER), audits.store, night)
    mail, _ = shown(audits, hours=3 * 24 + 1)
    text = text_of(mail)
    assert "What changed since 24 November 2026, 02:00 UTC" in text
    assert mail["Subject"] == "[prod] 3 high; 33 % of pods isolated (+33.3)"
    assert "+33.3 since 24 Nov" in text
    assert "no change since 24 Nov" in text
    assert "since 26 Nov" not in text, "figures have the base of the subject"


def test_nothing_changed_is_said(tmp_path, template):
    audits = Audits(tmp_path, template)
    audit(write(tmp_path / "prod", AFTER), audits.store, 2)
    mail, _ = shown(audits, hours=50)
    assert "No finding is new, and none is gone." in text_of(mail)
    assert mail["Subject"] == "[prod] 3 high; 33 % of pods isolated"


def test_other_settings_are_said_and_other_recipients_are_not(tmp_path, template):
    audits = Audits(tmp_path, template)
    other = tmp_path / "other.yaml"
    other.write_text("thresholds: {ipv4_prefix: 8}\nmail: {to: [x@y]}\n", "utf-8")
    audit(write(tmp_path / "prod", AFTER), audits.store, 2, "json", "--config", str(other))
    assert "The settings differ, which may be why." in text_of(shown(audits, hours=50)[0])
    audit(write(tmp_path / "prod", AFTER), audits.store, 3, "json")
    other.write_text("mail: {to: [z@y]}\n", "utf-8")
    audit(write(tmp_path / "prod", AFTER), audits.store, 4, "json", "--config", str(other))
    assert "differ" not in text_of(shown(audits, hours=100)[0])


def test_a_run_of_another_cluster_is_not_compared_with(tmp_path, template):
    audits = Audits(tmp_path, template)
    audit(write(tmp_path / "stage", AFTER), audits.store, 2)
    mail, _ = shown(audits, hours=50)
    assert "The run before this one is of another cluster." in text_of(mail)
    assert mail["Subject"].endswith("isolated")


def test_a_record_that_is_damaged_is_said(tmp_path, template):
    audits = Audits(tmp_path, template)
    (audits.store / audits.runs[0] / "history.zip").write_bytes(b"x")
    mail, _ = shown(audits)
    assert "What changed is not known: " in text_of(mail)


def test_the_classification_is_in_subject_and_body(tmp_path, template):
    audits = Audits(tmp_path, template)
    labelled = tmp_path / "labelled.yaml"
    labelled.write_text("classification: STRICTLY CONFIDENTIAL\n", "utf-8")
    audit(write(tmp_path / "prod", AFTER), audits.store, 2, "json", "--config", str(labelled))
    mail, (owner,) = shown(audits, hours=50)
    assert mail["Subject"] == "[prod] STRICTLY CONFIDENTIAL: 3 high; 33 % of pods isolated"
    assert owner["Subject"] == "[prod] STRICTLY CONFIDENTIAL: shop: 3 high, 3 medium"
    assert text_of(mail).startswith("STRICTLY CONFIDENTIAL ")


def test_a_run_without_a_label_has_that_of_the_settings(audits, monkeypatch):
    monkeypatch.setenv("SEGAUDIT_CLASSIFICATION", "INTERNAL")
    mail, (owner,) = shown(audits)
    for each in (mail, owner):
        assert each["Subject"].startswith("[prod] INTERNAL: ")
        assert text_of(each).startswith("INTERNAL ")


def test_a_narrowed_report_tells_of_its_namespaces_alone(tmp_path, template):
    audits = Audits(tmp_path, template)
    audit(write(tmp_path / "prod", AFTER), audits.store, 2, "json", "--namespace", "data")
    mail, owners_ = shown(audits, hours=50)
    assert mail["Subject"] == "[prod] no critical or high findings; 100 % of pods isolated"
    assert "shop/" not in mail.get_body(("plain",)).get_content()
    assert owners_ == []


def test_what_could_not_be_read_is_in_the_subject(tmp_path, template):
    audits = Audits(tmp_path, template)
    write(tmp_path / "prod", AFTER)
    (tmp_path / "prod" / "broken.yaml").write_text("kind: [", "utf-8")
    audit(tmp_path / "prod", audits.store, 2)
    mail, _ = shown(audits, hours=50)
    assert mail["Subject"].endswith("; not everything assessed")
    assert "broken.yaml" in text_of(mail)


@pytest.mark.parametrize(
    "called", ["prod\r\nBcc: evil@example.com", "a\x1b[31m\u202eb", "=?utf-8?q?x?=", "ü" * 80, "<b>&amp;"]
)
def test_no_name_of_a_cluster_can_steer_the_mail(tmp_path, called):
    source = write(tmp_path / called, AFTER)
    store = tmp_path / "runs"
    assert audit(source, store, 0).status == 0
    audits = Audits(tmp_path / "copy", store)
    mail, (owner,) = shown(audits)
    raw = min((audits.folder / "look").iterdir()).read_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert max(map(len, raw.split(b"\r\n"))) < 998
    for each in (mail, owner):
        assert each["Bcc"] is None
        assert each.keys() == [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
            *("MIME-Version", "Content-Type"),
        ]
        assert not re.search(r"[\x00-\x1f\u202e]", str(each["Subject"]))
        assert "<b>&amp;" not in each.get_body(("html",)).get_content().replace("<b>&amp;amp;", "")


def namespace(name, owner):
    return Namespace(name, 1, 1, 1, "", owner)


class Reported:
    def __init__(self, *rows):
        self.namespaces = {row.namespace: row for row in rows}


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        ("team@example.com", ["team@example.com"]),
        ("mailto:team@example.com", ["team@example.com"]),
        ("a@example.com, b@EXAMPLE.com; team-shop", ["a@example.com", "b@EXAMPLE.com"]),
        ("a@example.com,A@Example.com", ["a@example.com"]),
        ("team-shop", []),
        ("", []),
        ("team@sub.example.com", []),
        ("team@evil.example", []),
        ("team@example.com@evil.example", []),
        ("team@evil.example@example.com", []),
        ("a@example.com\nBcc: b@evil.example", []),
        ("Team <team@example.com>", []),
        ("a" * 300 + "@example.com", []),
        ("tëam@example.com", []),
    ],
)
def test_whom_an_annotation_names(annotation, told):
    found = owners(Reported(namespace("shop", annotation)), Mail(allowed_domains=("example.com",)))
    assert sorted(found.namespaces) == sorted(told)
    assert bool(found.untold) is (not told and "@" in annotation)
    assert not any("evil" in sentence for sentence in found.untold)


@pytest.mark.parametrize("last", ["last@example.com", "last@evil.example"])
def test_who_is_beyond_the_first_few_is_not_passed_over_in_silence(last):
    annotation = ",".join([*(f"{n}@example.com" for n in range(5)), last])
    found = owners(Reported(namespace("shop", annotation)), Mail(allowed_domains=("example.com",)))
    assert sorted(found.namespaces) == [f"{n}@example.com" for n in range(5)]
    assert found.untold[-1] == (
        "No mail to some owners of the namespace shop: its annotation names 6 addresses, and mail goes to "
        "the first 5."
    )
    assert any("not in mail.allowed_domains" in each for each in found.untold) is ("evil" in last)


def test_an_owner_of_several_namespaces_gets_one_letter():
    settings = Mail(owners=("a=x@y", "b=X@y", "a=x@y"), allowed_domains=("y",))
    found = owners(Reported(namespace("a", "x@y"), namespace("b", ""), namespace("c", "x@y")), settings)
    assert found.namespaces == {"x@y": ["a", "b", "c"]}
    assert found.untold == []


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 9, "0 %"), (9, 9, "100 %"), (1, 1000, "1 %"), (999, 1000, "99 %"), (871, 1000, "87 %")],
)
def test_all_and_none_are_never_rounded_to(part, whole, told):
    assert whole_percent(part, whole) == told


def test_equal_findings_of_a_namespace_are_told_once(audits):
    _, (owner,) = shown(audits)
    text = text_of(owner)
    assert "The same holds for Pod shop/web." in text
    assert text.index("HIGH: ") < text.index("MEDIUM: ")
    assert text.count("no policy selects it for ingress") == 1
    assert text.count("Open since 24 November.") == 2


def test_of_equal_findings_some_are_older(tmp_path, template):
    audits = Audits(tmp_path, template)
    more = AFTER + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop}\n"
    audit(write(tmp_path / "prod", more), audits.store, 2)
    _, (owner,) = shown(audits, hours=50)
    assert "Pod shop/new and Pod shop/web. Some are open since 25 November." in text_of(owner)
