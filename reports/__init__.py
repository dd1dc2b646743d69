"""Renders reports; knows nothing of Kubernetes.

`model` is what a report is. `render_X` in each `to_X` gives the bytes of one output, and `to_csv.write_csv`
those of one table, or raises `errors.RenderFailure`. Human outputs place sections; machine outputs read data.
"""
