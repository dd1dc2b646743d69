"""Stored runs become mail: one about the whole cluster, and one for each owner about their namespaces alone.

All is told from what is stored (`stored`), so that a mail can be sent days later: words and figures by the
run's own report.json, what changed by its record and that of the run that was mailed before it.
"""
