"""Annotations that say whom an Ingress or a Route lets in: what reads objects keeps them."""

from typing import Final

INGRESS_ANNOTATIONS: Final = (
    "alb.ingress.kubernetes.io/inbound-cidrs",
    "alb.ingress.kubernetes.io/scheme",
    "haproxy.router.openshift.io/ip_allowlist",
    "haproxy.router.openshift.io/ip_whitelist",
    "kubernetes.io/ingress.class",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
    "nginx.ingress.kubernetes.io/whitelist-source-range",
)
"""Their keys."""
