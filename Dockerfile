FROM python:3.11-slim-bookworm

# PyTorch without CUDA: a tenth of the size, and the service runs on CPUs.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

# LibreOffice reads .doc, .wps and .rtf: docker compose build --build-arg OFFICE=libreoffice-writer-nogui
ARG OFFICE=

RUN apt-get update \
 && apt-get install -y --no-install-recommends make gcc libc6-dev ${OFFICE} \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 speechqa \
 && install -d -o speechqa /app /data /cache

USER speechqa
WORKDIR /app
COPY --chown=speechqa Makefile pyproject.toml requirements.txt README.md LICENSE NOTICE ./
COPY --chown=speechqa index index
COPY --chown=speechqa qa qa
COPY --chown=speechqa service service
COPY --chown=speechqa ui ui
RUN make setup PYTHON=python3.11 TORCH_INDEX=${TORCH_INDEX}
COPY --chown=speechqa samples samples

ENV PATH=/app/.venv/bin:$PATH \
    SPEECHQA_DATA=/data \
    SPEECHQA_CACHE=/cache \
    SPEECHQA_HOST=0.0.0.0 \
    HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1

VOLUME ["/data", "/cache"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=180s --retries=4 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["speechqa", "serve"]
