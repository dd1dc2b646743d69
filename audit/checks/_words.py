"""What the sentences of both directions say differently."""

from typing import Final

from audit.policy.model import Direction

OPEN: Final = {
    Direction.INGRESS: "every pod of every namespace may connect, on every port",
    Direction.EGRESS: "it may connect to every pod and every address, on every port",
}
"""What follows for pods that no policy selects."""
OPEN_NEXT: Final = {
    Direction.INGRESS: "accepts connections from every pod of every namespace",
    Direction.EGRESS: "may connect to every pod and every address",
}
"""What holds for a pod that is created tomorrow."""
EVERYONE: Final = {Direction.INGRESS: "every source", Direction.EGRESS: "every destination"}
