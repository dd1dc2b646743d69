# Python comes from the base, in both stages the same: any Debian 12 or newer will do. Release builds give its digest.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /src
COPY requirements-build.lock requirements-image.lock requirements-sbom.lock ./
RUN python3 -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && python3 -m venv /opt/sbom \
    && /opt/sbom/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-sbom.lock \
    && python3 -m venv /opt/segaudit \
    && /opt/segaudit/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-image.lock
COPY . .
# pip stays behind: nothing is to be installed into a running container.
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/segaudit/bin/python -m pip install --no-cache-dir --no-deps --no-index dist/*.whl \
    && rm /opt/segaudit/lib/python3*/site-packages/segaudit-*/direct_url.json \
    && /opt/segaudit/bin/python -m pip uninstall --yes pip setuptools

FROM ${BASE}
# With the list of what the image is made of, by a tool that stays behind.
RUN --mount=type=bind,from=build,source=/,target=/build \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        ca-certificates python3 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log \
        /var/log/fontconfig.log /var/lib/dpkg/status-old /var/cache/ldconfig/aux-cache \
    && mkdir -p /usr/share/sbom \
    && /build/opt/sbom/bin/python /build/src/image/sbom.py /build/src/pyproject.toml /build/opt/segaudit > /usr/share/sbom/segaudit.cdx.json
COPY --from=build /opt/segaudit /opt/segaudit

ARG BASE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="segaudit" \
      org.opencontainers.image.description="Audits the network segmentation of Kubernetes clusters and renders compliance reports" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The root file system may be read-only: caches go to /tmp, reports and the store to folders that are mounted.
ENV HOME=/tmp \
    PATH=/opt/segaudit/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /tmp
# In the form that starts no shell: segaudit itself is process 1 and gets the SIGTERM that ends a pod.
ENTRYPOINT ["segaudit"]
CMD ["--help"]
