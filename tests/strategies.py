"""Hypothesis strategies for small, nasty clusters: lists of plain Kubernetes objects.

Small on purpose: few names, labels, addresses and ports, so that things meet. Every shape that the API
takes occurs (absent, null, empty, one, several), and with `defects` the shapes that it refuses.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.oracle_values import Object

NAMESPACES = ("default", "x", "y")
KEYS = ("app", "env")
VALUES = ("a", "b", "", "true", "1")
PROTOCOLS = ("TCP", "UDP", "SCTP")
PORT_NAMES = ("web", "dns")
NUMBERS = (1, 80, 81, 443, 65535)
POD_IPS = ("10.0.0.0", "10.0.0.1", "10.0.0.2", "010.0.0.3", "fd00::1", "FD00:0::2", "::ffff:10.0.0.2")
NODE_IPS = ("192.168.0.1", "192.168.0.2")
CIDRS = (
    *("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.1/32", "10.0.0.3/31"),
    *(
        "10.0.0.9/24",
        "010.0.0.0/29",
        "192.168.0.0/24",
        "::ffff:10.0.0.2/127",
        "::ffff:10.0.0.2/90",
        "203.0.113.0/24",
        "::ffff:10.0.0.2/90",
    ),
    *(
        "::/0",
        "::/1",
        "8000::/1",
        "FD00::/16",
        "fd00::1/128",
        "fd00::2/127",
        "2001:db8::/32",
        "::ffff:10.0.0.2/90",
    ),
)


def mostly(usual: SearchStrategy[Any], rare: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """The rare one a time in eight (one_of would give both the same weight, however often one is named)."""
    return st.sampled_from(range(8)).flatmap(lambda n: rare if n == 7 else usual)


def absent_or(value: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """A field's value; ABSENT leaves the field out, None is null."""
    return mostly(value, st.sampled_from((ABSENT, None)))


ABSENT = object()


def fields(**values: SearchStrategy[Any]) -> SearchStrategy[Object]:
    """An object of these fields without those that are absent."""
    return st.fixed_dictionaries(values).map(lambda d: {k: v for k, v in d.items() if v is not ABSENT})


def few(element: SearchStrategy[Any], most: int = 2) -> SearchStrategy[list[Any]]:
    """A list that is seldom empty, as an empty one often ends what a cluster could have shown."""
    return mostly(st.lists(element, min_size=1, max_size=most), st.just([]))


labels = mostly(
    st.sampled_from(({"app": "a"}, {"app": "b"}, {"app": "a", "env": "b"}, {})),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2),
)


def expressions(*, defects: bool) -> SearchStrategy[Object]:
    """Requirements of every operator; refused are other operators, and values too few or too many."""
    key = st.sampled_from(KEYS)
    values = st.one_of(
        st.sampled_from((["a"], ["b"])), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)
    )
    sound = st.one_of(
        fields(key=key, operator=st.sampled_from(("In", "NotIn")), values=values),
        fields(
            key=key,
            operator=st.sampled_from(("Exists", "DoesNotExist")),
            values=st.sampled_from((ABSENT, None, [])),
        ),
    )
    refused = fields(
        key=st.sampled_from((*KEYS, "", "a b", "-a")),
        operator=st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist", "in", "Equals", "")),
        values=st.sampled_from((ABSENT, [], ["a"], ["a b"])),
    )
    return mostly(sound, refused) if defects else sound


def selectors(*, defects: bool, more: Object | None = None) -> SearchStrategy[Object]:
    """Label selectors; `more` are labels worth asking for, such as a namespace's name."""
    wanted = labels if more is None else st.one_of(st.just(more), labels)
    return fields(
        matchLabels=absent_or(wanted), matchExpressions=absent_or(few(expressions(defects=defects)))
    )


def ip_blocks(*, defects: bool) -> SearchStrategy[Object]:
    """Blocks with excepts that nest, repeat, cover the whole; refused are those that stick out."""
    cidr = st.sampled_from(CIDRS)
    sound = fields(cidr=cidr, **{"except": absent_or(few(cidr, 3))})
    refused = fields(
        cidr=st.sampled_from((ABSENT, "", "10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "::/129", "10.0.0.0/-1")),
        **{"except": st.sampled_from((ABSENT, [], ["10.0.0.0/8"]))},
    )
    excepted = fields(cidr=cidr, **{"except": st.sampled_from((["nonsense"], [""], [None]))})
    return mostly(sound, st.one_of(refused, excepted)) if defects else sound


def peers(*, defects: bool) -> SearchStrategy[Any]:
    pods = selectors(defects=defects)
    namespaces = st.one_of(
        *(selectors(defects=defects, more={"kubernetes.io/metadata.name": ns}) for ns in NAMESPACES)
    )
    null = st.sampled_from((ABSENT, None))
    blocks = ip_blocks(defects=defects)
    sound = st.one_of(
        fields(podSelector=pods),
        fields(podSelector=pods, namespaceSelector=null, ipBlock=null),
        fields(podSelector=null, namespaceSelector=namespaces, ipBlock=null),
        fields(podSelector=pods, namespaceSelector=namespaces, ipBlock=null),
        fields(podSelector=null, namespaceSelector=null, ipBlock=blocks),
        fields(ipBlock=blocks),
    )
    refused = st.one_of(
        st.none(),
        fields(podSelector=null, namespaceSelector=null, ipBlock=null),
        fields(podSelector=pods, ipBlock=blocks),
        fields(namespaceSelector=namespaces, ipBlock=blocks),
    )
    return mostly(sound, refused) if defects else sound


def ports(*, defects: bool) -> SearchStrategy[Any]:
    protocol = st.sampled_from((ABSENT, None, *PROTOCOLS))
    sound = st.one_of(
        fields(protocol=protocol, port=st.sampled_from((ABSENT, None, 80, 80, *NUMBERS, *PORT_NAMES))),
        st.tuples(protocol, st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).map(
            lambda t: (
                {"port": min(t[1:]), "endPort": max(t[1:])} | ({} if t[0] is ABSENT else {"protocol": t[0]})
            )
        ),
    )
    sound = mostly(sound, st.none())
    refused = fields(
        protocol=st.sampled_from((ABSENT, "tcp", "ICMP", "")),
        port=st.sampled_from((ABSENT, 0, -1, 65536, 80, "80", "", "WEB", "a--b", "web")),
        endPort=st.sampled_from((ABSENT, 79, 65536, 90)),
    )
    return mostly(sound, refused) if defects else sound


def rules(side: str, *, defects: bool) -> SearchStrategy[Any]:
    whole = fields(
        **{side: absent_or(few(peers(defects=defects)))}, ports=absent_or(few(ports(defects=defects), 3))
    )
    return st.one_of(whole, whole, whole, whole, st.sampled_from((None, {})))


@st.composite
def policies(draw: st.DrawFn, *, defects: bool) -> Object:
    types = st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Ingress"], []))
    if defects:
        types = mostly(types, st.sampled_from((["ingress"], ["Ingress", "Both"], ["Egress", None])))
    pods_of = selectors(defects=defects)
    spec = draw(
        fields(
            podSelector=absent_or(st.one_of(st.sampled_from(({}, {"matchLabels": {"app": "a"}})), pods_of)),
            policyTypes=absent_or(types),
            ingress=absent_or(st.lists(rules("from", defects=defects), min_size=1, max_size=2)),
            egress=absent_or(few(rules("to", defects=defects))),
        )
    )
    group = draw(st.sampled_from(("networking.k8s.io/v1", "networking.k8s.io/v1", "extensions/v1beta1")))
    metadata = draw(in_namespace(f"p{draw(st.integers(0, 5))}"))
    return {"apiVersion": group, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def in_namespace(name: str) -> SearchStrategy[Object]:
    """Metadata of an object of that name; without a namespace it lies in `default`."""
    namespace = st.sampled_from((*("x",) * 6, "y", "y", "default", ABSENT))
    return fields(name=st.just(name), namespace=namespace, labels=absent_or(labels))


containers = few(
    fields(
        name=st.just("c"),
        restartPolicy=st.sampled_from((ABSENT, "Always")),
        ports=absent_or(
            few(
                fields(
                    name=st.sampled_from((ABSENT, *PORT_NAMES)),
                    containerPort=st.sampled_from(NUMBERS),
                    protocol=st.sampled_from((ABSENT, *PROTOCOLS)),
                )
            )
        ),
    )
)


@st.composite
def pods(draw: st.DrawFn, name: str) -> Object:
    """Pods with both families, one or no address; of every phase; on the host's network or not."""
    host = draw(st.sampled_from(range(8))) == 7
    ips = draw(few(st.sampled_from(NODE_IPS if host else POD_IPS)))
    listed = [{"ip": ip} for ip in ips]
    spec = fields(
        hostNetwork=st.sampled_from((True,) if host else (ABSENT, None, False)),
        nodeName=st.sampled_from((ABSENT, "n1", "n2")),
        containers=containers,
        initContainers=absent_or(containers),
    )
    status = fields(
        phase=st.sampled_from(("Running", "Running", "Pending", ABSENT, "Running", "Succeeded", "Failed")),
        podIP=st.just(ips[0]) if ips else st.sampled_from((ABSENT, None, "")),
        podIPs=st.sampled_from((listed,) if len(ips) > 1 else (ABSENT, listed)),
        hostIP=st.sampled_from((ABSENT, *NODE_IPS)),
    )
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": draw(in_namespace(name)),
        "spec": draw(spec),
        "status": draw(mostly(status, st.just({}))),
    }


@st.composite
def services(draw: st.DrawFn, name: str) -> Object:
    port = fields(
        name=st.sampled_from((ABSENT, *PORT_NAMES)),
        port=st.sampled_from(NUMBERS),
        targetPort=st.sampled_from((ABSENT, *NUMBERS, *PORT_NAMES)),
        protocol=st.sampled_from((ABSENT, *PROTOCOLS)),
    )
    spec = fields(
        clusterIP=st.sampled_from((ABSENT, "None", "", "10.0.0.8", "fd00::8")),
        selector=absent_or(labels),
        ports=few(port),
    )
    return {"apiVersion": "v1", "kind": "Service", "metadata": draw(in_namespace(name)), "spec": draw(spec)}


@st.composite
def clusters(draw: st.DrawFn, *, defects: bool = False, most_pods: int = 5) -> list[Object]:
    """A few pods, up to five policies, a Namespace object here and there, in any order."""
    objects = [draw(pods(f"a{i}")) for i in range(draw(st.integers(2, most_pods)))]
    objects += draw(st.lists(policies(defects=defects), min_size=draw(st.integers(0, 3)), max_size=5))
    objects += [draw(services(f"s{i}")) for i in range(draw(st.integers(0, 1)))]
    for ns in draw(st.lists(st.sampled_from((*NAMESPACES, "z")), max_size=2, unique=True)):
        metadata = draw(fields(name=st.just(ns), labels=absent_or(labels)))
        objects.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return draw(st.permutations(objects))


def in_one_namespace(objects: list[Object]) -> list[Object]:
    """The cluster with all pods and policies in one namespace, where they have more in common."""
    return [
        {**o, "metadata": {**o["metadata"], "namespace": "x"}} if o["kind"] in {"Pod", "NetworkPolicy"} else o
        for o in objects
    ]
