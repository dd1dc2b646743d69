"""Network diagram: who may reach whom, in a picture, a table of what stands in it, and a square of all."""

from typing import Final

from audit.compose import words
from audit.compose.pictures.network import Network, network
from audit.compose.pictures.reach import reach
from audit.compose.pictures.spaces import Spaces
from audit.compose.unassessed import ANCHOR as LOOKED_AT
from audit.compose.view import View
from audit.headline import from_outside
from reports.model import Note, Reference, Section, Text

ANCHOR: Final = "network-diagram"
_TITLE: Final = "Network diagram"


def network_diagram(view: View) -> Section:
    """The section."""
    if not view.known:
        told = "Who may reach whom is not assessed: not all policies and pods could be read, see "
        return Section(ANCHOR, _TITLE, blocks=(Note((told, Reference(LOOKED_AT), "."), "No diagram", "gap"),))
    hops = view.facts.cluster.hops
    if not (view.namespaces["pods"] > 0).any():
        return Section(ANCHOR, _TITLE, lead="There is no pod that a policy could govern, so nothing to draw.")
    if hops is None:
        reason = "Who may reach whom was not worked out: policies have too much to do with each other."
        return Section(ANCHOR, _TITLE, blocks=(Note(reason, "No diagram", "gap"),))
    spaces = Spaces(view, hops)
    drawn = network(spaces)
    squares = tuple(reach(spaces))
    return Section(
        ANCHOR,
        _TITLE,
        lead=_lead(view, drawn),
        blocks=(drawn.diagram, drawn.table),
        new_page=True,
        sections=(Section("who-reaches-whom", "Who reaches whom", blocks=squares),) if squares else (),
    )


def _lead(view: View, drawn: Network) -> Text:
    spaces = int((view.namespaces["pods"] > 0).sum())
    exposed = int(from_outside(view.exposure)["workload"].nunique())
    sets = (
        "all with the same reach"
        if drawn.groups == 1
        else f"in {words.number(drawn.groups)} sets of equal reach"
    )
    told = f"{words.counted(spaces, 'namespace')} with pods" + (f", {sets}" if spaces > 1 else "")
    others = int(view.exposure["workload"].nunique()) - exposed
    more = f", and {words.number(others)} more in their node's network or to inside alone" if others else ""
    return f"{told}; {words.counted(exposed, 'workload')} exposed to outside{more}."
