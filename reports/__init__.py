"""Renders reports; knows nothing of Kubernetes.

`model` is what a report is. `to_html.render_html`, `to_pdf.render_pdf`, `to_json.render_json` and
`to_csv.write_csv` each give the bytes of one output, or raise `errors.RenderFailure`.
"""
