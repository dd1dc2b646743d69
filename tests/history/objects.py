"""Days, and policies as a server returns them."""

from datetime import UTC, datetime


def day(number: int) -> datetime:
    """Two o'clock on a day of November 2026."""
    return datetime(2026, 11, number, 2, tzinfo=UTC)


def served(name, spec, uid, generation=1, manager="kubectl"):
    """A NetworkPolicy as a server returns it."""
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: shop, uid: {uid}, generation: {generation}, "
        f"creationTimestamp: '2026-10-01T00:00:00Z', managedFields: [{{manager: {manager}}}]}}\n"
        f"spec: {spec}\n---\n"
    )
