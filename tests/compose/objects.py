"""Manifests of single objects, as text, each with the line that ends its document."""


def pod(name, namespace="shop", labels="", spec="", status="phase: Running"):
    return (
        "apiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}\n"
        f"spec: {{containers: [{{name: a, image: a}}], {spec}}}\nstatus: {{{status}}}\n---\n"
    )


def policy(name, spec, namespace="shop"):
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n---\n"
    )


CLOSED = policy("deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
CALICO = (
    "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\n"
    "metadata: {name: g}\nspec: {selector: all()}\n---\n"
)
