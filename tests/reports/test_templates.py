"""Templates place finished strings: whatever else a template language offers is refused."""

from importlib import resources

import jinja2
import pytest
from jinja2 import nodes

from reports.page import environment

TEMPLATES = sorted(environment().list_templates(extensions=["j2"]))
OFFERED = {
    *("exact", "spoken", "inline", "lines", "breakable", "number"),
    *("heading", "heading_below", "template", "documents", "laid_out", "drawn"),
    *("said", "style", "broken", "spaced", "wrapped", "underlined", "figure_line", "item_line", "mark"),
}
ALLOWED = (
    *(nodes.Template, nodes.TemplateData, nodes.Output, nodes.Include, nodes.Assign, nodes.With),
    *(nodes.For, nodes.If, nodes.Name, nodes.Getattr, nodes.Tuple, nodes.Const, nodes.Call),
)


def complaints(source: str) -> list[str]:
    tree = environment().parse(source)
    found = [type(node).__name__ for node in tree.find_all(nodes.Node) if not isinstance(node, ALLOWED)]
    found += [
        "If on more than a value"
        for node in tree.find_all(nodes.If)
        if not isinstance(node.test, nodes.Name | nodes.Getattr)
    ]
    found += [
        "Call of more than what is offered"
        for node in tree.find_all(nodes.Call)
        if not isinstance(node.node, nodes.Name) or node.node.name not in OFFERED or node.kwargs
    ]
    found += ["For with a condition" for node in tree.find_all(nodes.For) if node.test or node.recursive]
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_places_finished_strings_and_nothing_else(name):
    source, _, _ = environment().loader.get_source(environment(), name)
    assert complaints(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ a == b }}",
        "{{ a + 1 }}",
        "{{ a ~ b }}",
        "{{ a|safe }}",
        "{{ a|upper }}",
        "{{ a[0] }}",
        "{{ a.strip() }}",
        "{{ '%s' % a }}",
        "{{ range(3) }}",
        "{{ a if b else c }}",
        "{% if not a %}{% endif %}",
        "{% if a and b %}{% endif %}",
        "{% if a is defined %}{% endif %}",
        "{% for a in b if a %}{% endfor %}",
        "{% autoescape false %}{% endautoescape %}",
        "{% macro a() %}{% endmacro %}",
    ],
)
def test_logic_would_be_noticed(source):
    assert complaints(source)


def test_every_template_is_used():
    used = {"document.html.j2", "body.html.j2", "mail.html.j2", "mail.txt.j2"}
    for name in TEMPLATES:
        source, _, _ = environment().loader.get_source(environment(), name)
        tree = environment().parse(source)
        used |= {
            n.template.value for n in tree.find_all(nodes.Include) if isinstance(n.template, nodes.Const)
        }
    blocks = {name for name in TEMPLATES if name.startswith("blocks/")}
    assert used | blocks == set(TEMPLATES)


def test_templates_escape_and_are_strict():
    assert environment().from_string("{{ a }}").render(a="<") == "&lt;"
    assert [name for name in TEMPLATES if not environment().autoescape(name)] == ["mail.txt.j2"]
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_style_sheets_fetch_nothing():
    for file in (resources.files("reports") / "templates").iterdir():
        if file.name.endswith(".css"):
            text = file.read_text(encoding="utf-8")
            assert "url(" not in text
            assert "@import" not in text
