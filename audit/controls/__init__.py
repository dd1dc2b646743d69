"""What the evidence of the checks says of controls: the inverse of `Check.controls`, computed.

A check never proves a control. Which evidence speaks for it, which against, and what is not known is counted
over the subjects of all its checks, after waivers; `evidence` has the rules.
"""

from audit.controls.assess import Assessment, assess, table
from audit.controls.catalogue import as_json, as_markdown, named, speaking
from audit.controls.evidence import Counts, Evidence, Plugin, Status, evidence

__all__ = [
    "Assessment",
    "Counts",
    "Evidence",
    "Plugin",
    "Status",
    "as_json",
    "as_markdown",
    "assess",
    "evidence",
    "named",
    "speaking",
    "table",
]
