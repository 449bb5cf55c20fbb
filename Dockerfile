# The image that Airbyte runs. Build: docker build -t destination-fincome:0.1.0 .
#
# Behind a mirror of the package index, hand pip its settings for the length of the build; they stay out of the image:
#   docker build --secret id=pip.conf,src=$HOME/.config/pip/pip.conf -t destination-fincome:0.1.0 .
#
# Both architectures: docker buildx build --platform linux/amd64,linux/arm64 ...

# Airbyte's base of Python connectors: Python 3.13, user airbyte (1000). An ARG, so that another base can stand in.
ARG BASE=docker.io/airbyte/python-connector-base:4.1.0@sha256:1d1aa21d34e851df4e8a87b391c27724c06e2597608e7161f4d167be853bd7b6

FROM ${BASE} AS build
USER root
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv --without-pip /opt/destination-fincome

# Wheels only, each known by its hash: nothing is compiled, nothing runs at install, and every build gets the same.
COPY docker/requirements.lock ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python3 -m pip --python /opt/destination-fincome/bin/python install \
        --require-hashes --only-binary :all: -r requirements.lock \
    # 53 MB that nothing can ever ask for: tests, and names of languages, scripts, currencies and provinces.
    && rm -r /opt/destination-fincome/lib/python3.*/site-packages/pandas/tests \
    && find /opt/destination-fincome/lib/python3.*/site-packages/pycountry/locales -name '*.mo' ! -name iso3166-1.mo -delete

# The connector's wheel is made by the setuptools that the lock brings: nothing is fetched for it.
COPY pyproject.toml setup.py LICENSE ./
COPY docs/package.md docs/
COPY destination_fincome destination_fincome
COPY fincome_sandbox fincome_sandbox
COPY fincome_tools fincome_tools
RUN python3 -m pip --python /opt/destination-fincome/bin/python install --no-deps --no-build-isolation --no-index . \
    && python3 -m pip --python /opt/destination-fincome/bin/python check

FROM ${BASE}
COPY --from=build /opt/destination-fincome /opt/destination-fincome
LABEL io.airbyte.name="ghcr.io/destination-fincome/destination-fincome" \
      io.airbyte.version="0.1.0"
# Unbuffered, so that nothing that was written is lost when the platform kills the container.
ENV PYTHONUNBUFFERED=1 \
    # For people: docker run --entrypoint fincome IMAGE sandbox --host 0.0.0.0
    PATH=/opt/destination-fincome/bin:$PATH \
    AIRBYTE_ENTRYPOINT=/opt/destination-fincome/bin/destination-fincome
WORKDIR /airbyte
# In numbers: Kubernetes can then see that it is not root.
USER 1000:1000
ENTRYPOINT ["/opt/destination-fincome/bin/destination-fincome"]
