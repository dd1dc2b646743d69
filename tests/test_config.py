import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from audit import config, frameworks
from audit.documents.typed import BYTES_MAX
from audit.errors import UsageError
from audit.label_selectors import LabelSelector
from audit.settings import Annotations, Thresholds
from audit.severity import Severity

SCHEMA = Path(config.__file__).with_name("segaudit.schema.json")
REFUSED = "as the API server has it"
EXPRESSION = "scopes[0].pod_selector.matchExpressions[0]"
SCOPE_KEYS = "namespaces, namespace_selector, pod_selector, name, sensitive, frameworks"
KEYS = (
    "thresholds, annotations, cluster_name, classification, organisation, logo, language, page, fonts, "
    "templates, sign_off, cloud, store, retention, waivers, mail, webhook, metrics, scopes, frameworks, "
    "boundaries, leave_out, split_most, system_namespaces, service_cidrs"
)
FRAMEWORKS = ", ".join(frameworks.load())
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load_text(text, environment=EPOCH):
        Path("segaudit.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return config.load(Path("segaudit.yaml"), environment)

    return load_text


def refusal(call, *arguments, **named):
    with pytest.raises(UsageError) as caught:
        call(*arguments, **named)
    message = str(caught.value)
    assert message.isprintable()
    return message


def test_defaults():
    loaded = config.load(None, EPOCH)
    settings = loaded.settings
    assert (settings.thresholds.ipv4_prefix, settings.thresholds.ipv6_prefix) == (16, 32)
    assert settings.systems == {"kube-system"}
    assert settings.annotations.justification == "segaudit.io/justification"
    assert settings.annotations.owner == "segaudit.io/owner"
    assert settings.service_cidrs == ()
    assert loaded.out == Path("out")
    assert loaded.formats == ("html", "pdf", "json", "csv")
    assert loaded.as_of is None
    assert loaded.fail_on is None
    assert loaded.now == datetime.fromtimestamp(1700000000, UTC)


def test_a_whole_file(load):
    settings = load(
        """\
thresholds: {ipv4_prefix: 20, ipv6_prefix: 48}
system_namespaces: [on, 012, gke-system]
annotations:
  justification: example.com/why
  owner: owner
service_cidrs:
- 10.96.0.0/12
- fd00::/108
"""
    ).settings
    assert settings.thresholds == Thresholds(ipv4_prefix=20, ipv6_prefix=48)
    assert settings.systems == {"kube-system", "on", "012", "gke-system"}
    assert settings.annotations == Annotations(justification="example.com/why", owner="owner")
    assert settings.service_cidrs == ("10.96.0.0/12", "fd00::/108")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}", "\ufeff"])
def test_an_empty_file_is_the_defaults(load, text):
    assert load(text).settings == config.Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", f"1: a: unknown key; allowed are {KEYS}"),
        ("thresholds:\n  ipv4: 9\n", "2: thresholds.ipv4: unknown key; allowed are ipv4_prefix, ipv6_prefix"),
        ("\n\nfonts: x\n", "3: fonts: allowed is a list of folders"),
        ("page: A5\n", "1: page: allowed is A4 or Letter"),
        (
            "sign_off:\n  review_every: soon\n",
            "2: sign_off.review_every: allowed is a length of time such as 6 months, 90 days or 1 year",
        ),
        ("waivers: {files: x}\n", "1: waivers.files: unknown key; allowed are file, annotations"),
        ("waivers:\n  annotations: yes\n", "2: waivers.annotations: allowed is true or false"),
        (
            "thresholds:\n  # high\n  ipv4_prefix: 33\n",
            "3: thresholds.ipv4_prefix: allowed is a number from 0 to 32",
        ),
        ("thresholds:\n  ipv6_prefix: -1\n", "2: thresholds.ipv6_prefix: allowed is a number from 0 to 128"),
        ("thresholds: {ipv4_prefix: yes}", "1: thresholds.ipv4_prefix: allowed is a number from 0 to 32"),
        ("thresholds: {ipv4_prefix: }", "1: thresholds.ipv4_prefix: allowed is a number from 0 to 32"),
        ("thresholds: 16", "1: thresholds: allowed is a mapping with the keys ipv4_prefix, ipv6_prefix"),
        ("thresholds:\n", "1: thresholds: allowed is a mapping with the keys ipv4_prefix, ipv6_prefix"),
        ("- a", f"1: allowed is a mapping with the keys {KEYS}"),
        ("scopes: cde", "1: scopes: allowed is a list of scopes, each with a name"),
        ("scopes:\n- sensitive: true\n", "2: scopes[0]: name is missing"),
        ("scopes:\n- name: a\n- name: a\n", "3: scopes[1].name: another scope has this name"),
        (
            "scopes:\n- name: a\n  pods: {}\n",
            f"3: scopes[0].pods: unknown key; allowed are {SCOPE_KEYS}",
        ),
        (
            "scopes:\n- {name: a, namespaces: [B_]}\n",
            "2: scopes[0].namespaces[0]: allowed is the name of a namespace",
        ),
        (
            "scopes:\n- name: a\n  namespace_selector:\n    matchLabels: {'a b': c}\n",
            f"4: scopes[0].namespace_selector.matchLabels: has a key that is no label name, {REFUSED}",
        ),
        (
            "scopes:\n- name: a\n  pod_selector:\n    matchExpressions:\n    - {key: a, operator: In}\n",
            f"5: {EXPRESSION}.values: must be given with In and NotIn, {REFUSED}",
        ),
        ("frameworks: [soc2-2017, pci-dss]", f"1: frameworks[1]: allowed are {FRAMEWORKS}"),
        (
            "frameworks: soc2-2017",
            "1: frameworks: allowed is a list of ids of frameworks, such as pci-dss-4.0.1",
        ),
        (
            "scopes:\n- name: a\n  frameworks: [soc3]\n",
            f"3: scopes[0].frameworks[0]: allowed are {FRAMEWORKS}",
        ),
        ("boundaries:\n- {name: a, from: {namespaces: [a]}}\n", "2: boundaries[0]: to is missing"),
        (
            "boundaries:\n- name: a\n  from: {}\n  to: {cidrs: [10.0.0.0/8]}\n",
            (
                "3: boundaries[0].from: names nothing; allowed are namespaces, namespace_selector, "
                "pod_selector, cidrs, at least one of them"
            ),
        ),
        (
            "boundaries:\n- name: a\n  from: {namespaces: [a]}\n  to: {cidrs: [10.0.0.1/8]}\n",
            (
                "4: boundaries[0].to.cidrs[0]: allowed is a range of addresses without host bits, such as "
                "10.96.0.0/12"
            ),
        ),
        (
            "boundaries:\n- name: a\n  from: {namespaces: [a]}\n  to: {namespaces: [b]}\n  hops: 6\n",
            "5: boundaries[0].hops: allowed is a number from 1 to 5",
        ),
        (
            (
                "boundaries:\n- name: a\n  from: {cidrs: ['::/0']}\n  to: {namespaces: [b]}\n  ports:\n"
                "  - {port: 90, end_port: 80}\n"
            ),
            "6: boundaries[0].ports[0].end_port: allowed is a number from 90, its port, to 65535",
        ),
        ("system_namespaces: kube", "1: system_namespaces: allowed is a list of names of namespaces"),
        ("system_namespaces:\n- a\n- B_\n", "3: system_namespaces[1]: allowed is the name of a namespace"),
        ("system_namespaces:\n- a\n- [b]\n", "3: system_namespaces[1]: allowed is the name of a namespace"),
        (
            "service_cidrs:\n- 10.0.0.0/8\n- 10.1.2.3/8\n",
            "3: service_cidrs[1]: allowed is a range of addresses without host bits, such as 10.96.0.0/12",
        ),
        (
            "annotations: {owner: a b}",
            "1: annotations.owner: allowed is the key of an annotation, such as segaudit.io/owner",
        ),
        ("service_cidrs: " + "[" * 900 + "]" * 900, None),
        ("thresholds: [", "2: the configuration cannot be read: is not valid YAML"),
        ("a: 1\na: 2", "2: the configuration cannot be read: a key is given twice"),
        ("thresholds: {{ .x }}", None),
        ("{}\n---\n{}\n", "3: a second document; the configuration is one"),
        ('"a\\nb\\e": 1', f"1: a\\nb\\x1b: unknown key; allowed are {KEYS}"),
    ],
)
def test_errors_give_file_line_and_what_is_allowed(load, text, message):
    said = refusal(load, text)
    assert said.startswith("segaudit.yaml:")
    assert message is None or said == f"segaudit.yaml:{message}"


def test_a_file_that_is_not_there():
    message = refusal(config.load, Path("none.yaml"), {})
    assert (
        message
        == "cannot read the configuration none.yaml: No such file or directory; name a file that exists"
    )


def test_a_folder_in_place_of_the_file(tmp_path):
    assert "Is a directory" in refusal(config.load, tmp_path, {})


def test_a_file_that_is_no_configuration(load):
    assert "larger than 1 MiB" in refusal(load, b"#" * (BYTES_MAX + 1))


def test_the_environment_overrides_the_file(load):
    environment = EPOCH | {
        "SEGAUDIT_THRESHOLDS_IPV4_PREFIX": "8",
        "SEGAUDIT_SYSTEM_NAMESPACES": "a, b,,a",
        "SEGAUDIT_SERVICE_CIDRS": "",
        "SEGAUDIT_ANNOTATIONS_OWNER": "team",
        "HOME": "/",
    }
    text = "thresholds: {ipv4_prefix: 20, ipv6_prefix: 48}\nsystem_namespaces: [c]\nservice_cidrs: ['::/8']\n"
    settings = load(text, environment).settings
    assert settings.thresholds == Thresholds(ipv4_prefix=8, ipv6_prefix=48)
    assert settings.system_namespaces == ("a", "b")
    assert settings.service_cidrs == ()
    assert settings.annotations.owner == "team"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SEGAUDIT_THRESHOLDS_IPV4_PREFIX", "x", "allowed is a number from 0 to 32"),
        ("SEGAUDIT_THRESHOLDS_IPV6_PREFIX", "", "allowed is a number from 0 to 128"),
        ("SEGAUDIT_SYSTEM_NAMESPACES", "a,B", "allowed is the name of a namespace"),
        ("SEGAUDIT_SERVICE_CIDRS", "10.0.0.1/8", "allowed is a range of addresses without host bits"),
        ("SEGAUDIT_MAIL_PORT", "tcp://10.0.0.1:25", "allowed is a number from 0 to 65535"),
        ("SEGAUDIT_MAIL_FROM", "a@b\r\nBcc: c@d", "allowed is an address such as segaudit@example.com"),
        ("SEGAUDIT_MAIL_FROM", "a@b\n", "allowed is an address such as segaudit@example.com"),
        ("SEGAUDIT_MAIL_TO", "a@b,c", "allowed is an address such as security@example.com"),
        ("SEGAUDIT_MAIL_ATTACH", "perhaps", "allowed is true or false"),
        ("SEGAUDIT_MAIL_SECURITY", "ssl", "allowed is starttls, tls or none"),
        ("SEGAUDIT_MAIL_SENDER", "a@b", "unknown setting; unset it, or use one of SEGAUDIT_"),
        ("SEGAUDIT_WEBHOOK_KIND", "irc", "allowed is json, slack or teams"),
        ("SEGAUDIT_METRICS_PUSHGATEWAY", "http://a:b@c", "allowed is the URL of a Pushgateway"),
        ("SEGAUDIT_SCOPES", "a,b", "allowed is a mapping with the keys namespaces,"),
        ("SEGAUDIT_SCOPES", "[{name: a", "allowed is a list of scopes, each with a name"),
        ("SEGAUDIT_SCOPES", "[{name: a}, {name: a}]", "another scope has this name"),
        ("SEGAUDIT_PAGE", "letter", "allowed is A4 or Letter"),
        ("SEGAUDIT_SIGN_OFF_REVIEW_EVERY", "1 year\n", "allowed is a length of time such as 6 months"),
        (
            "SEGAUDIT_THRESHOLD_IPV4_PREFIX",
            "1",
            "unknown setting; unset it, or use one of SEGAUDIT_",
        ),
        ("SOURCE_DATE_EPOCH", "today", "allowed is a number of seconds since 1970"),
        ("SOURCE_DATE_EPOCH", "9" * 30, "allowed is a number of seconds since 1970"),
    ],
)
def test_errors_of_the_environment_name_the_variable(name, value, message):
    assert refusal(config.load, None, EPOCH | {name: value}).startswith(f"{name}: {message}")


def test_frameworks_in_a_variable_are_divided_by_commas():
    named = config.load(None, EPOCH | {"SEGAUDIT_FRAMEWORKS": "soc2-2017,pci-dss-4.0.1"}).settings.frameworks
    assert named == ("soc2-2017", "pci-dss-4.0.1")
    said = refusal(config.load, None, EPOCH | {"SEGAUDIT_FRAMEWORKS": "soc3"})
    assert said.startswith("SEGAUDIT_FRAMEWORKS: allowed are bsi-app-4.4, ")


def test_scopes_in_a_variable_are_written_as_yaml():
    text = "[{name: cde, namespace_selector: {matchLabels: {pci: cde}}}, {name: lab, sensitive: false}]"
    cde, lab = config.load(None, EPOCH | {"SEGAUDIT_SCOPES": text}).settings.scopes
    assert cde.namespace_selector == LabelSelector(match_labels={"pci": "cde"})
    assert (cde.sensitive, lab.sensitive) == (True, False)


def test_variables_of_a_service_called_segaudit_are_not_ours():
    names = ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP", "PORT_80_TCP_ADDR")
    environment = EPOCH | {f"SEGAUDIT_{name}": "x" for name in names} | {"SEGAUDIT_API_SERVICE_HOST": "x"}
    assert config.load(None, environment) == config.load(None, EPOCH)


def test_flags():
    loaded = config.load(
        None,
        EPOCH,
        source="-",
        out=Path("here"),
        formats=["html,csv", " json ,", "html"],
        namespaces=["a", "b", "a"],
        namespace_selector="team=x",
        as_of="2026-11-23T03:00:00+01:00",
        fail_on="high",
        strict=True,
        log_format="json",
        progress=False,
    )
    assert loaded.source == "-"
    assert loaded.out == Path("here")
    assert loaded.formats == ("html", "csv", "json")
    assert loaded.namespaces == ("a", "b")
    assert loaded.namespace_selector == "team=x"
    assert loaded.as_of == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert loaded.fail_on is Severity.HIGH
    assert loaded.strict
    assert loaded.log_format == "json"
    assert not loaded.progress


def test_flags_that_were_not_given_leave_the_defaults():
    given = config.load(
        None, EPOCH, source=None, out=None, formats=None, namespaces=None, as_of=None, fail_on=None
    )
    assert given == config.load(None, EPOCH)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T02:00:00Z", datetime(2026, 11, 23, 2, tzinfo=UTC)),
        ("2026-11-23 02:00", datetime(2026, 11, 23, 2, tzinfo=UTC)),
    ],
)
def test_as_of_is_utc(text, moment):
    assert config.load(None, EPOCH, as_of=text).as_of == moment


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"as_of": "yesterday"}, "--as-of: allowed is a time such as 2026-11-23T02:00:00Z"),
        ({"as_of": "0001-01-01T00:00:00+05:00"}, "--as-of: allowed is a time such as 2026-11-23T02:00:00Z"),
        ({"fail_on": "worst"}, "--fail-on: allowed is one of low, medium, high, critical"),
    ],
)
def test_errors_of_flags_name_the_option(flags, message):
    assert refusal(config.load, None, EPOCH, **flags) == message


def test_without_an_epoch_now_is_the_time_of_loading():
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= config.load(None, {}).now <= datetime.now(UTC)


def test_mail_can_be_set_by_the_environment_alone():
    names = {"HOST": "h", "FROM": "a@b.c", "TO": "d@e, f@g", "ATTACH": "false", "OWNERS": "shop=x@y"}
    mail = config.load(
        None, EPOCH | {f"SEGAUDIT_MAIL_{name}": value for name, value in names.items()}
    ).settings.mail
    assert (mail.host, mail.sender, mail.to) == ("h", "a@b.c", ("d@e", "f@g"))
    assert (mail.attach, mail.owners) == (False, ("shop=x@y",))
    assert mail.at == ("h", 587)


def test_the_password_is_shown_by_nothing():
    loaded = config.load(None, EPOCH | {"SEGAUDIT_MAIL_PASSWORD": "hush"})
    assert loaded.mail_password.text == "hush"
    assert "hush" not in repr(loaded)
    assert b"hush" not in loaded.settings.canonical()


@pytest.mark.parametrize("url", ["s3://AKIAKEY:hunter2@bucket/x", "gs://bucket/x?key=hunter2"])
def test_a_store_with_credentials_is_refused_wherever_it_is_set(load, url):
    """Even where --store names another: the settings in force are kept with the run."""
    told = refusal(load, f"thresholds: {{}}\nstore: {url}")
    assert told.startswith("segaudit.yaml:2: store: a URL with credentials or a query in it is not taken")
    variable = refusal(config.load, None, EPOCH | {"SEGAUDIT_STORE": url}, store="runs")
    assert variable.startswith("SEGAUDIT_STORE: a URL with credentials")
    assert "hunter2" not in told + variable


def test_where_results_go_says_nothing_of_what_they_are(load):
    moved = load("store: s\nclassification: c\nmail: {host: h}\nretention: {runs: 3}\n").settings
    assert moved.judging() == config.Settings().judging()
    told = load("frameworks: [soc2-2017]\nscopes: [{name: a, frameworks: [pci-dss-4.0.1]}]").settings
    assert told.judging() == load("scopes: [{name: a}]").settings.judging()
    assert moved.canonical() != config.Settings().canonical()
    assert load("thresholds: {ipv4_prefix: 8}").settings.judging() != config.Settings().judging()


def test_a_config_cannot_be_changed():
    loaded = config.load(None, EPOCH)
    with pytest.raises(AttributeError):
        loaded.strict = True


def test_canonical_settings_are_equal_for_equal_settings(load):
    text = "service_cidrs: [10.0.0.0/8]\nthresholds: {ipv6_prefix: 32}\n"
    assert load(text).settings.canonical() == load("service_cidrs: ['10.0.0.0/8']\n").settings.canonical()
    assert load(text).settings.canonical() != config.Settings().canonical()
    assert msgspec.json.decode(load(text).settings.canonical(), type=config.Settings) == load(text).settings


def test_the_shipped_schema_is_that_of_the_struct():
    """To renew it: python -c 'import audit.config as c, sys; sys.stdout.buffer.write(c.schema())'."""
    assert SCHEMA.read_bytes() == config.schema()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{}", True),
        ("thresholds: {ipv4_prefix: 8}\nsystem_namespaces: [a]\nservice_cidrs: [10.0.0.0/8]", True),
        ("thresholds: {ipv4_prefix: 99}", False),
        ("system_namespaces: [A]", False),
        ("nothing: 1", False),
        ("annotations: {owner: '-'}", False),
        ("mail: {host: h, from: a@b.c, to: [d@e], security: tls, attach: false, owners: [shop=a@b]}", True),
        ("mail: {to: a@b}", False),
        ("mail: {sender: a@b}", False),
        ('mail: {to: ["a@b\\n"]}', False),
        ("mail: {owners: [shop]}", False),
        ("mail: {allowed_domains: ['@example.com']}", False),
        ("webhook: {url: https://hooks.example.com}", False),
        ("metrics: {pushgateway: 'https://gateway:9091/x', file: y}", True),
    ],
)
def test_the_schema_and_the_reader_agree(load, text, valid):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    assert validator.is_valid(yaml.safe_load(text)) is valid
    if valid:
        load(text)
    else:
        refusal(load, text)


@pytest.mark.parametrize("name", ["..", "a/b", "", "A", "x\ny", "\x1b[31m", "a" * 64])
def test_a_namespace_that_is_no_name_is_refused(name):
    with pytest.raises(UsageError, match="--namespace"):
        config.load(None, {}, namespaces=[name])
