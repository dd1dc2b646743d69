"""Catalogues of controls: a file a framework, found by walking; a control's title stands nowhere else.

Identifiers and short titles only: the texts of CIS, PCI and ISO are their owners'. A check never proves a
control, so each says what the evidence of checks covers, what it does not cover, and what is left to do by
hand. Checks point at controls, `PCI_DSS["1.3.1"]`; one that does not exist is refused when the check is
imported. Modules that begin with an underscore are helpers.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from audit.frameworks._model import Control, Framework, Platform

__all__ = ["Control", "Framework", "Platform", "load"]


@cache
def load() -> dict[str, Framework]:
    """All frameworks by id, in its order; ImportError names a module that has none, or one of a known id."""
    found: dict[str, Framework] = {}
    for framework in _walked():
        if framework.id in found:
            raise ImportError(f"{__name__}: two frameworks are called {framework.id}")
        found[framework.id] = framework
    return {name: found[name] for name in sorted(found)}


def _walked() -> Iterator[Framework]:
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        if name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{name}")
        framework = getattr(module, name.upper(), None)
        if not isinstance(framework, Framework) or not module.__doc__:
            raise ImportError(f"{module.__name__}: has no framework {name.upper()}, or no docstring")
        yield framework
