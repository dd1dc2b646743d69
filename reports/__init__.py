"""Renders reports; knows nothing of Kubernetes."""
