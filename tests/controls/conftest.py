"""Clusters written as manifests, judged by all checks."""

from tests.checks.conftest import judged

__all__ = ["judged"]
