"""Isolation, reach, breadth and services of a cluster, as frames."""
