"""Objects of small clusters as YAML documents in one line each, to be joined."""


def pod(name="a", namespace="x", labels="{app: a}", ports="[]", more=""):
    return (
        f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, "
        f"labels: {labels}}}, spec: {{containers: [{{name: c, ports: {ports}}}]{more}}}}}\n"
    )


def namespace(name, labels="{}"):
    return f"---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {labels}}}}}\n"


def service(name="s", namespace="x", selector="{app: a}", ports="[]", more=""):
    return (
        f"---\n{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: {namespace}}}, "
        f"spec: {{selector: {selector}, ports: {ports}{more}}}}}\n"
    )


def policy(spec, name="p", namespace="x", metadata=""):
    return (
        f"---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, "
        f"namespace: {namespace}{metadata}}}, spec: {spec}}}\n"
    )


def ingress(rule, selector="{}"):
    """The spec of a policy with one rule."""
    return f"{{podSelector: {selector}, policyTypes: [Ingress], ingress: [{rule}]}}"


def egress(rule, selector="{}"):
    return f"{{podSelector: {selector}, policyTypes: [Egress], egress: [{rule}]}}"


# a cluster read whole has this namespace and pods in it; manifests do not
WHOLE = namespace("kube-system") + pod("dns", "kube-system", "{k8s-app: kube-dns}")


POD = (
    "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {ns}}}, "
    "spec: {{containers: []}}}}\n---\n"
)
OPEN = POD.format(name="a", ns="x") + POD.format(name="b", ns="kube-system")
"""A pod in a namespace and one in a system namespace, without any policy."""


def endpoints(addresses, port, name="kubernetes", namespace="default"):
    """An EndpointSlice of a Service without pods."""
    return (
        f"---\n{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {{name: "
        f"{name}-1, namespace: {namespace}, labels: {{kubernetes.io/service-name: {name}}}}}, endpoints: "
        f"[{{addresses: [{addresses}]}}], ports: [{{name: https, port: {port}}}]}}\n"
    )


def older_endpoints(addresses, port, name="kubernetes", namespace="default"):
    """The Endpoints that say the same."""
    listed = ", ".join(f"{{ip: {address}}}" for address in addresses.split(", "))
    return (
        f"---\n{{apiVersion: v1, kind: Endpoints, metadata: {{name: {name}, namespace: {namespace}}}, "
        f"subsets: [null, {{addresses: [{listed}], ports: [{{name: https, port: {port}}}]}}]}}\n"
    )


API = (
    "---\n{apiVersion: v1, kind: Service, metadata: {name: kubernetes, namespace: default}, "
    "spec: {clusterIP: 10.96.0.1, ports: [{name: https, port: 443, targetPort: 6443}]}}\n"
)
"""The Service of the API server, which selects no pods."""
