"""Label selectors in our own YAML files: as they are written there, and as the selectors that they mean."""

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import msgspec

from audit.documents.typed import InvalidError, Step

if TYPE_CHECKING:
    from audit.policy.model import Selector

_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")

_Labels: TypeAlias = Annotated[
    dict[str, str], msgspec.Meta(extra={"allowed": "a mapping of labels to values"})
]
_Key: TypeAlias = Annotated[str, msgspec.Meta(extra={"allowed": "the key of a label"})]
_Operator: TypeAlias = Annotated[
    Literal["In", "NotIn", "Exists", "DoesNotExist"],
    msgspec.Meta(extra={"allowed": "one of In, NotIn, Exists, DoesNotExist"}),
]
_Values: TypeAlias = Annotated[tuple[str, ...], msgspec.Meta(extra={"allowed": "a list of values of labels"})]


class Expression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on a label, as in Kubernetes."""

    key: _Key
    operator: _Operator
    values: _Values = ()


class LabelSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A label selector, as in Kubernetes: all of it has to fit; an empty one fits everything."""

    match_labels: _Labels = {}
    match_expressions: tuple[Expression, ...] = ()

    def meant(self, where: tuple[Step, ...]) -> "Selector":
        """The selector that it means; InvalidError if the API server would refuse it, at `where`."""
        from audit.policy.parse import selector_of  # it loads numpy, which few commands need

        selector, defects = selector_of(msgspec.to_builtins(self))
        for defect in defects:
            path = tuple(name or int(number) for name, number in _STEP.findall(defect.path))
            raise InvalidError((*where, *path), f"{defect.reason}, as the API server has it")
        return selector
