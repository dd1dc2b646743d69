import json

from audit import checks


def test_markdown_is_the_table_of_the_readme(call):
    status, out, err = call("checks")
    assert (status, err) == (0, "")
    assert out == checks.as_markdown()


def test_json_has_every_check_with_its_reason(call):
    listed = json.loads(call("checks", "--format", "json")[1])
    assert [entry["id"] for entry in listed] == [check.id for check in checks.load()]
    assert all(entry["rationale"] for entry in listed)
