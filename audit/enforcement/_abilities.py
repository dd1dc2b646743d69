"""What several plug-ins have in common of what they leave out of a policy."""

from typing import Final

from audit.enforcement._model import Feature

FIRST_PORT: Final = "Of a range of ports only the first is open."
NO_RANGE: Final = "It does not know endPort: of the range at most the first port is open."
NO_SCTP: Final = "Rules for SCTP have no effect, so that SCTP is not open where the pod is isolated."
BY_IDENTITY: Final = (
    "Pods are told by their labels and never by their addresses: the block does not open what it holds of "
    "the cluster's own pods."
)
NOT_KNOWN: Final = {Feature.END_PORT: NO_RANGE, Feature.SCTP: NO_SCTP}
"""What plug-ins drop that were given up before the API had it."""
