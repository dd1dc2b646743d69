"""Pictures as geometry: each block that is one becomes shapes and texts, which a template places as SVG.

They are drawn here, by no library, for four reasons. A plotting library (matplotlib is at hand, for its
fonts) takes as long to import as all else takes to render. It gives an image whose colours are fixed, while
these follow the page, light or dark, by the classes of its style sheet; and in which names are outlines, or
in fonts that are not there, while here they can be searched, copied and heard. A library that writes SVG
writes markup past the templates, which alone escape what the audited system is called. And none sets boxes
and lines so that no two overlap.
"""

from collections.abc import Callable
from functools import singledispatch

from reports.lines import Drawing as LineDrawing
from reports.lines import drawn as drawn_line
from reports.model import Bar, BarKey, Diagram, Line, Matrix
from reports.pictures import bars, diagram, matrix

Spoken = Callable[[str], str]


@singledispatch
def drawn(_block: object, _spoken: Spoken) -> object:
    """The drawing of a picture; `spoken` makes of a text one that can be printed."""
    raise NotImplementedError


@drawn.register
def _(block: Line, _spoken: Spoken) -> LineDrawing:
    return drawn_line(block)


@drawn.register
def _(block: Bar, _spoken: Spoken) -> bars.Drawing:
    return bars.drawn(block)


@drawn.register
def _(block: BarKey, _spoken: Spoken) -> bars.Drawing:
    return bars.key(block)


@drawn.register
def _(block: Matrix, spoken: Spoken) -> matrix.Drawing:
    return matrix.drawn(block, spoken)


@drawn.register
def _(block: Diagram, spoken: Spoken) -> diagram.Drawing:
    return diagram.drawn(block, spoken)
