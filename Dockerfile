# tocsin in a container: no root, no network at run time, nothing written but the folders that are mounted.
#   docker build -t tocsin .
#   docker run --rm --network none --read-only --tmpfs /tmp -v /var/log/portal:/logs:ro -v /var/lib/tocsin:/data \
#     tocsin scan /logs --state /data/state --config /data/tocsin.yml --key-file /data/key --out /data/report
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY rules ./rules
COPY sample_logs ./sample_logs
RUN python -m venv /opt/tocsin && /opt/tocsin/bin/pip install --no-cache-dir .

FROM python:3.11-slim
COPY --from=build /opt/tocsin /opt/tocsin
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin tocsin \
    && mkdir /data && chown tocsin /data && chmod 0700 /data
ENV PATH=/opt/tocsin/bin:$PATH PYTHONDONTWRITEBYTECODE=1 XDG_CONFIG_HOME=/data/config
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["tocsin"]
CMD ["--help"]
