# Python comes from the base, in both stages the same: any Debian 12 or newer will do.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && python3 -m venv /opt/segaudit \
    && /opt/segaudit/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# pip stays behind: nothing is to be installed into a running container.
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/segaudit/bin/python -m pip install --no-cache-dir --no-deps --no-index dist/*.whl \
    && /opt/segaudit/bin/python -m pip uninstall --yes pip setuptools

FROM ${BASE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        ca-certificates python3 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log
COPY --from=build /opt/segaudit /opt/segaudit

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="segaudit" \
      org.opencontainers.image.description="Audits the network segmentation of Kubernetes clusters and renders compliance reports" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The root file system may be read-only: caches go to /tmp, reports to the folder that is mounted at /out.
ENV HOME=/tmp \
    PATH=/opt/segaudit/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["segaudit"]
CMD ["--help"]
