"""The tokens of base.css that pictures have on paper, as attributes, for no style sheet reaches them there.

On a screen the classes of screen.css override them, light or dark.
"""

from typing import Final

PAPER: Final = "#ffffff"
MUTED: Final = "#57606a"
INK: Final = "#1b1f24"
ACCENT: Final = "#0b5cad"
HIGH: Final = "#b23a00"
NOT_ASSESSED: Final = "#5b4b8a"
