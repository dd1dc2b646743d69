"""What annotations say of a way in."""

import pytest

from audit.exposure.balancers import is_internal, of_ingress, of_service

AWS = "service.beta.kubernetes.io/aws-load-balancer-"
AZURE = "service.beta.kubernetes.io/azure-"
RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
ROUTER = "haproxy.router.openshift.io/ip_whitelist"
NGINX = "nginx.ingress.kubernetes.io/whitelist-source-range"


@pytest.mark.parametrize(
    ("annotations", "internal"),
    [
        ({}, False),
        ({"networking.gke.io/load-balancer-type": "Internal"}, True),
        ({"cloud.google.com/load-balancer-type": "internal"}, True),
        ({"networking.gke.io/load-balancer-type": "External"}, False),
        ({f"{AWS}internal": "true"}, True),
        # as it was written before it was a boolean
        ({f"{AWS}internal": "0.0.0.0/0"}, True),
        ({f"{AWS}internal": "false"}, False),
        ({f"{AWS}internal": ""}, False),
        ({f"{AWS}scheme": "internal"}, True),
        ({f"{AWS}scheme": "internet-facing", f"{AWS}internal": "true"}, False),
        ({f"{AZURE}load-balancer-internal": "true"}, True),
        ({f"{AZURE}load-balancer-internal": "false"}, False),
        ({"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private"}, True),
        ({"service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": "subnet-1"}, True),
        ({"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet"}, True),
        ({"service.beta.kubernetes.io/oci-load-balancer-internal": "true"}, True),
        ({"service.beta.kubernetes.io/openstack-internal-load-balancer": "true"}, True),
        ({"alb.ingress.kubernetes.io/scheme": "internal"}, True),
        ({"alb.ingress.kubernetes.io/scheme": "internet-facing"}, False),
        ({"kubernetes.io/ingress.class": "gce-internal"}, True),
    ],
)
def test_internal(annotations, internal):
    assert is_internal(annotations) is internal


@pytest.mark.parametrize(
    ("written", "annotations", "ranges"),
    [
        ([], {}, ()),
        (["192.0.2.0/24"], {}, ("192.0.2.0/24",)),
        ([], {RANGES: "192.0.2.0/24, 2001:db8::/32"}, ("192.0.2.0/24", "2001:db8::/32")),
        # the field is asked first
        (["192.0.2.0/24"], {RANGES: "198.51.100.0/24"}, ("192.0.2.0/24",)),
        (["192.0.2.0/24"], {f"{AZURE}allowed-ip-ranges": "10.0.0.0/8"}, ("192.0.2.0/24", "10.0.0.0/8")),
        # whoever a tag stands for
        (["192.0.2.0/24"], {f"{AZURE}allowed-service-tags": "AzureCloud"}, ()),
        # what is not understood may be anybody
        ([], {RANGES: "192.0.2.0/24,office"}, ()),
        ([], {RANGES: ",".join(["192.0.2.0/24"] * 79)}, ()),
    ],
)
def test_ranges_of_a_service(written, annotations, ranges):
    assert of_service(written, annotations) == ranges


@pytest.mark.parametrize(
    ("annotations", "ranges"),
    [
        ({}, ()),
        ({NGINX: "192.0.2.0/24,198.51.100.7"}, ("192.0.2.0/24", "198.51.100.7/32")),
        ({ROUTER: "192.0.2.1 2001:db8::1"}, ("192.0.2.1/32", "2001:db8::1/128")),
        ({"alb.ingress.kubernetes.io/inbound-cidrs": "192.0.2.0/24"}, ("192.0.2.0/24",)),
    ],
)
def test_ranges_of_an_ingress(annotations, ranges):
    assert of_ingress(annotations) == ranges
