# One image per service: docker build --target judge --tag ratchet-judge .
# BASE needs Python 3.11 or newer and its venv module.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
RUN python3 -m venv /opt/ratchet && /opt/ratchet/bin/pip install --no-cache-dir uv==0.13.9
ENV UV_LINK_MODE=copy VIRTUAL_ENV=/opt/ratchet PATH=/opt/ratchet/bin:$PATH
WORKDIR /src
# What changes seldom comes first, so that a change of ours does not install torch again.
COPY requirements/cpu.txt requirements/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --no-deps --require-hashes --requirement requirements/cpu.txt
COPY pyproject.toml README.md LICENSE ./
COPY services services
RUN uv pip install --no-deps --no-build-isolation .

FROM ${BASE} AS service
COPY --from=build /opt/ratchet /opt/ratchet
RUN useradd --create-home --uid 10001 ratchet && install --directory --owner=ratchet /state
USER 10001
WORKDIR /state
VOLUME /state
ENV PATH=/opt/ratchet/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["python", "-c", \
    "import os, sys; from ratchet.local.health import HealthProbe; sys.exit(not HealthProbe('127.0.0.1:' + os.environ['GRPC_PORT']).is_serving())"]

FROM service AS policy
ENV RATCHET_POLICY__HOST=0.0.0.0 RATCHET_POLICY__METRICS_HOST=0.0.0.0 GRPC_PORT=50052
EXPOSE 50052 9102
ENTRYPOINT ["python", "-m", "ratchet.policy"]

FROM service AS judge
ENV RATCHET_JUDGE__HOST=0.0.0.0 RATCHET_JUDGE__METRICS_HOST=0.0.0.0 GRPC_PORT=50051
EXPOSE 50051 9101
ENTRYPOINT ["python", "-m", "ratchet.judge"]

FROM service AS learner
ENV RATCHET_LEARNER__HOST=0.0.0.0 RATCHET_LEARNER__METRICS_HOST=0.0.0.0 GRPC_PORT=50053
EXPOSE 50053 9103
ENTRYPOINT ["python", "-m", "ratchet.learner"]

FROM service AS feedback
ENV RATCHET_FEEDBACK__HOST=0.0.0.0 RATCHET_FEEDBACK__METRICS_HOST=0.0.0.0 GRPC_PORT=50054
EXPOSE 50054 9104 8054
ENV RATCHET_FEEDBACK__PAGE_HOST=0.0.0.0
ENTRYPOINT ["python", "-m", "ratchet.feedback"]
