"""HIPAA Security Rule, 45 CFR Part 164 Subpart C."""

from audit.frameworks._model import Control, framework

HIPAA = framework(
    Control(
        "164.308(a)(1)(ii)(D)",
        "Information system activity review",
        does_not_cover="No traffic and no log was looked at.",
        by_hand="Show which records of activity are reviewed, and by whom.",
    ),
    Control(
        "164.308(a)(4)(ii)(A)",
        "Isolating health care clearinghouse functions",
        covers="Whether a boundary that is declared for it holds stands among the boundaries.",
        does_not_cover="Functions around which nobody declared a boundary; access by people.",
        by_hand="Declare a boundary around the clearinghouse's workloads.",
        applies_to="clearinghouses that are part of a larger organisation",
    ),
    Control(
        "164.308(a)(4)(ii)(B)",
        "Access authorization",
        does_not_cover="Access by people: policies are about connections of pods.",
        by_hand="Show how access is granted.",
    ),
    Control(
        "164.312(a)(1)",
        "Access control",
        covers="Whether pods deny ingress, exposed ones above all, and whether rules name whom they let in.",
        does_not_cover="Users, sign-on and encryption.",
        by_hand="Everything that is not network segmentation.",
        direction="ingress",
    ),
    Control(
        "164.312(e)(1)",
        "Transmission security",
        does_not_cover="Encryption and integrity of what is transmitted: a policy adds neither.",
        by_hand="Show how the connections that are allowed are encrypted.",
    ),
    id="hipaa-security-rule",
    name="HIPAA Security Rule",
    holds_for="systems with electronic protected health information",
)
