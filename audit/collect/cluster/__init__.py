"""Snapshots of live clusters, through the API.

**Read-only**: GETs, of lists (`resources.py`) and of a few ConfigMaps by name. No Secret, review or watch.

**Partial is never silent.** Every kind has a row in `frames.KINDS` with its state and, if that is not
`listed`, the reason (`outcomes.py` has the table). What may not be listed in all namespaces is listed in
those that `--namespace` names; `frames.PARTS` then says for each of them how far, so that what depends on one
namespace alone can be judged there. Namespaces that may not be listed are got one by one, for their labels.

Two processes share the work: `api/` talks to the server and reduces what it answers, `cluster.py` makes rows
of that; `read.py` begins both. Neither imports what only the other needs, so nothing is imported here.
"""
