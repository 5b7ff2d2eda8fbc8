# One image for every process of the Procfile; by itself it runs all of them, with SQLite and a Redis of its own.
#   docker build -t canales .
#   docker run -d --init --env-file .env -v canales:/data -p 127.0.0.1:8080:8080 canales
FROM python:3.11-slim-bookworm AS built
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /app/.venv \
    && /app/.venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app canales \
    && install --directory --owner canales --mode 700 /data
WORKDIR /app
COPY --from=built /app/.venv .venv
COPY pyproject.toml Procfile ./
COPY engine engine
COPY models models
COPY tasks tasks
COPY bot bot
RUN .venv/bin/python -m compileall -q engine models tasks bot
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data PORT=8080
USER canales
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/livez', timeout=4)"]
CMD ["python", "-m", "bot", "run"]
