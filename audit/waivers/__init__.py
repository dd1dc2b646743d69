"""Findings that somebody accepts, for a time and with a reason: waivers.yaml, and annotations if allowed.

A waiver counts while all of reason, owner, approved_by and expires are given and its end is neither past nor
more than a year and a day after its beginning. What does not count, or accepts nothing, is itself a finding,
of the check waivers-are-current.
"""

from audit.waivers.apply import Applied, apply
from audit.waivers.file import Waivers, read, schema
from audit.waivers.model import Waiver

__all__ = ["Applied", "Waiver", "Waivers", "apply", "read", "schema"]
