"""Who is meant by everyone, in the sentences of both directions."""

from typing import Final

from audit.policy.model import Direction

SOURCES: Final = "every pod of every namespace"
DESTINATIONS: Final = "every pod and every address"
OPEN: Final = {
    Direction.INGRESS: f"{SOURCES} may connect, on every port",
    Direction.EGRESS: f"it may connect to {DESTINATIONS}, on every port",
}
"""What follows for a workload that no policy selects."""
OPEN_PART: Final = {
    Direction.INGRESS: f"{SOURCES} may connect to those, on every port",
    Direction.EGRESS: f"those may connect to {DESTINATIONS}, on every port",
}
"""The same for some of its pods."""
EVERYONE: Final = {Direction.INGRESS: "every source", Direction.EGRESS: "every destination"}
