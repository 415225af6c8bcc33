# Two images from one file: `web` (pages and API, without torch) and `worker` (paints, names, trains).
# Why it is built like this, and what to do with a builder that knows no --mount: docs/decisions/0016-containers.md
#
# Any base with Python 3.11 or newer, its venv module and apt-get; a digest may follow: NAME:TAG@sha256:...
ARG PYTHON_IMAGE=python:3.13.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PATH=/srv/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data MERIAN_DATA=/data MERIAN_WEIGHTS=/weights
# tini passes signals on and buries the dead. Its version is the base's: an older one is not kept there.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 10001 merian \
    && useradd --uid 10001 --gid merian --no-create-home --home-dir /data --shell /usr/sbin/nologin merian \
    && install -d -o merian -g merian /data /weights
WORKDIR /srv
ENTRYPOINT ["tini", "--"]

# What is installed is made apart, so that the images hold neither pip nor what it left behind. pip asks the
# registry that the secret `pip` names (a pip.conf), where there is one: nothing of it stays in a layer.
FROM base AS packages
ENV HOME=/root PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY deploy/locks/build.txt deploy/locks/
RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    python3 -m venv .venv \
    && pip install --only-binary :all: --require-hashes --target /build --requirement deploy/locks/build.txt

FROM packages AS web-packages
COPY deploy/locks/web.txt deploy/locks/
RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install --only-binary :all: --require-hashes --requirement deploy/locks/web.txt
COPY pyproject.toml README.md LICENSE ./
RUN PYTHONPATH=/build pip install --no-cache-dir --no-index --no-deps --no-build-isolation --editable . \
    && echo /srv > "$(echo .venv/lib/python3.*/site-packages)/srv.pth" \
    && pip uninstall --yes pip setuptools
# 60 MB that nobody asks for: tests of libraries, and how numbers and dates are written in 800 other places.
RUN find .venv/lib/python3.*/site-packages -type d -name tests -prune -exec rm -r {} + \
    && find .venv/lib/python3.*/site-packages/babel/locale-data -type f \
        ! -name 'root.dat' ! -name 'en.dat' ! -name 'en_*' ! -name 'es.dat' ! -name 'es_*' -delete

FROM packages AS worker-packages
COPY deploy/locks/worker.txt deploy/locks/
RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install --only-binary :all: --require-hashes --requirement deploy/locks/worker.txt
COPY pyproject.toml README.md LICENSE ./
RUN PYTHONPATH=/build pip install --no-cache-dir --no-index --no-deps --no-build-isolation --editable . \
    && printf '/srv\n/srv/torch\n' > "$(echo .venv/lib/python3.*/site-packages)/srv.pth" \
    && pip uninstall --yes pip

# A layer of its own: it is large, and seldom another one.
FROM packages AS torch
# cpu: from TORCH_INDEX, which has builds without CUDA. cuda: from PyPI; needs NVIDIA's driver on the host,
# and computes on the CPU without.
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY deploy/locks/torch-cpu.txt deploy/locks/torch-cuda.txt deploy/locks/
# hadolint ignore=DL3013
RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    case "$TORCH" in \
        cpu) set -- --index-url "$TORCH_INDEX" --requirement deploy/locks/torch-cpu.txt ;; \
        cuda) set -- --require-hashes --requirement deploy/locks/torch-cuda.txt ;; \
        *) echo "TORCH is cpu or cuda, not $TORCH" >&2; exit 1 ;; \
    esac \
    && pip install --only-binary :all: --no-deps --target torch "$@"

# The code in one layer, and compiled: a read-only image could not keep what Python compiles.
FROM packages AS code
WORKDIR /code
COPY app app
COPY commands commands
COPY models models
COPY workers workers
RUN python3 -m compileall -q --invalidation-mode unchecked-hash -s /code -p /srv .

FROM base AS worker
COPY --from=torch /srv/torch torch
COPY --from=worker-packages /srv/.venv .venv
COPY --from=code /code ./
COPY pyproject.toml LICENSE ./
USER 10001:10001
VOLUME /data /weights
# Of a worker with other queues: name those. The first answer takes as long as loading a painter.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-m", "workers.alive", "slow"]
CMD ["python", "-m", "celery", "-A", "workers.celery", "--quiet", "worker", "--queues", "slow", "--hostname", "slow@%h", "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]

FROM base AS web
COPY --from=web-packages /srv/.venv .venv
COPY --from=code /code ./
COPY pyproject.toml LICENSE ./
COPY templates templates
COPY static static
COPY translations translations
USER 10001:10001
VOLUME /data /weights
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "commands.alive"]
CMD ["python", "-m", "gunicorn", "--config", "python:commands.serving", "--workers", "2", "--bind", "0.0.0.0:8000", "app:create_app()"]
