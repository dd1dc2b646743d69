"""For which controls checks speak: what several checks have in common, by the question that controls ask.

A control that does not exist is refused here, when checks are imported. What the evidence does not cover of
each stands beside it, in `audit.frameworks`.
"""

from typing import Final

from audit.frameworks import Control
from audit.frameworks.bsi_app_4_4 import BSI_APP_4_4 as BSI
from audit.frameworks.cis_eks import CIS_EKS
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES as CIS
from audit.frameworks.hipaa import HIPAA
from audit.frameworks.iso_27001 import ISO_27001 as ISO
from audit.frameworks.microsoft_threat_matrix import MICROSOFT_THREAT_MATRIX as MICROSOFT
from audit.frameworks.nist_800_53 import NIST_800_53 as NIST
from audit.frameworks.nist_800_190 import NIST_800_190
from audit.frameworks.nsa_cisa import NSA_CISA as NSA
from audit.frameworks.owasp_kubernetes import OWASP_KUBERNETES as OWASP
from audit.frameworks.pci_dss import PCI_DSS as PCI
from audit.frameworks.soc2 import SOC2
from audit.frameworks.stig_openshift import STIG_OPENSHIFT as STIG

Controls = tuple[Control, ...]

PLUG_IN: Final[Controls] = (CIS["5.3.1"], CIS_EKS["5.4.4"], NSA["CNI plug-in"])
"""Does the network plug-in enforce what policies say?"""

HAS_POLICIES: Final[Controls] = (
    CIS["5.3.2"],
    CIS_EKS["5.4.4"],
    NSA["network policies"],
    STIG["CNTR-OS-000100"],
)
"""Is there a policy at all?"""

HOST_NETWORK: Final[Controls] = (CIS["5.2.5"], BSI["APP.4.4.A4"])
"""Who is in the node's network?"""

_CLOSED: Final[Controls] = (
    NIST["AC-4"],
    NIST["SC-7(5)"],
    NSA["default policy"],
    ISO["8.20"],
    MICROSOFT["MS-TA9031"],
    MICROSOFT["MS-M9014"],
    OWASP["K05"],
)
_WHO_MAY_COME: Final[Controls] = (
    NIST_800_190["4.3.3"],
    PCI["1.3.1"],
    SOC2["CC6.1"],
    HIPAA["164.312(a)(1)"],
    MICROSOFT["MS-TA9034"],
)
_WHERE_TO: Final[Controls] = (NIST["SC-7(10)"], NIST_800_190["4.4.2"], PCI["1.3.2"], SOC2["CC6.7"])

CLOSED_TO_INGRESS: Final[Controls] = (*_CLOSED, *_WHO_MAY_COME)
"""Is what comes in denied unless a rule allows it?"""
CLOSED_TO_EGRESS: Final[Controls] = (*_CLOSED, *_WHERE_TO)
"""Is what goes out denied unless a rule allows it?"""
WITHIN_NAMESPACES: Final[Controls] = (BSI["APP.4.4.A18"],)
"""Is each pod closed, within its namespace too?"""
BETWEEN_NAMESPACES: Final[Controls] = (NIST["SC-7"], ISO["8.22"], BSI["APP.4.4.A7"])
"""Is each namespace closed, to pods that are to come as well?"""

EXPOSED: Final[Controls] = (
    NIST["SC-7"],
    NIST["SC-7(11)"],
    PCI["1.4.1"],
    PCI["1.4.2"],
    SOC2["CC6.6"],
    ISO["8.20"],
    HIPAA["164.312(a)(1)"],
    MICROSOFT["MS-TA9005"],
    MICROSOFT["MS-M9008"],
)
"""Is what outside can reach closed but for what it serves?"""
INBOUND: Final[Controls] = (
    *_WHO_MAY_COME,
    NIST["SC-7(11)"],
    PCI["1.4.2"],
    SOC2["CC6.6"],
    MICROSOFT["MS-M9008"],
)
"""Are the addresses narrow that may come in?"""
OUTBOUND: Final[Controls] = _WHERE_TO
"""Are the addresses narrow that may be reached?"""
METADATA: Final[Controls] = (MICROSOFT["MS-TA9033"], MICROSOFT["MS-M9018"], OWASP["K08"])
"""Are the cloud's credentials out of reach?"""

PEERS: Final[Controls] = (
    *_WHO_MAY_COME,
    *_WHERE_TO,
    NIST["AC-4"],
    NSA["network policies"],
    PCI["1.2.5"],
    BSI["APP.4.4.A18"],
    MICROSOFT["MS-M9014"],
)
"""Do rules name whom they let in?"""
PORTS: Final[Controls] = (
    NIST["CM-7"],
    NSA["network policies"],
    PCI["1.2.5"],
    BSI["APP.4.4.A7"],
    BSI["APP.4.4.A18"],
)
"""Do rules name the ports that they open?"""
JUSTIFIED: Final[Controls] = (NIST["CA-9"], PCI["1.2.5"])
"""Does each policy say why it is there?"""

EFFECTIVE: Final[Controls] = (PCI["1.2.7"], ISO["8.9"])
"""Do policies do what they say?"""
SELECTORS: Final[Controls] = (*EFFECTIVE, NSA["selectors"])
"""Do selectors select what they mean?"""
NEEDED: Final[Controls] = (*EFFECTIVE, NIST["CM-7(1)"])
"""Is there something that nobody needs?"""

BOUNDARIES: Final[Controls] = (
    NIST["AC-4(21)"],
    NIST["SC-7(21)"],
    NIST_800_190["4.3.3"],
    PCI["1.4.1"],
    SOC2["CC6.1"],
    ISO["8.22"],
    BSI["APP.4.4.A7"],
)
"""Is kept apart what is declared to be apart?"""

EXCEPTIONS: Final[Controls] = (ISO["5.36"],)
"""Do exceptions have an owner, a reason and an end?"""
