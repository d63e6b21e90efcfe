# The server in a small image: docker build -t firn . && docker run -p 127.0.0.1:4522:4522 firn
FROM debian:bookworm-slim AS builder
WORKDIR /src
# The packages alone first: they change far less often than the sources. ./dev names them.
COPY dev ./
RUN ./dev install
COPY CMakeLists.txt CMakePresets.json ./
COPY server server
COPY storage storage
RUN ./dev build

FROM debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libfmt9 libprometheus-cpp-core1.0 libspdlog1.10 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin firn \
    && install -d -o firn -g firn -m 0750 /data
COPY --from=builder /src/build/release/firn /usr/local/bin/firn
# A library that is missing from the list above ends the build here, not the first start.
RUN libraries=$(ldd /usr/local/bin/firn) && echo "$libraries" && ! echo "$libraries" | grep -q 'not found'

# The health check finds the port in the file. Every container has a /dev/shm of its own that any user can write.
ENV FIRN_HOST=0.0.0.0 FIRN_DATA_DIR=/data FIRN_PORT_FILE=/dev/shm/firn.port
VOLUME /data
EXPOSE 4522
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["firn", "health"]
ENTRYPOINT ["firn"]
CMD ["serve"]
