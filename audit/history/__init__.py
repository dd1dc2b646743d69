"""What runs store of themselves, and what a row of them tells: since when, how often, and for how long.

`record` is what one run stores; `since` dates its findings by the record before it. `trend`, `period` and
`changes` are computed of many records, `fleet` of the newest of many clusters. Nothing here reads a clock.
"""
