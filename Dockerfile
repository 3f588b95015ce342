# Every image of the system. Targets: subgraph (with --build-arg CONTEXT=customer|order|payment|history), gateway, jobs.
#
#   docker build --target gateway .
#
# Works with and without BuildKit; each stage that a target does not need stands after it, because the older builder
# makes all stages above its target.

# Has Node 26 and npm: what builds.
ARG NODE_IMAGE=node:26-bookworm-slim
# What runs, to which only the node binary and its libraries are added: no npm, no yarn, no headers. Same release.
ARG RUNTIME_IMAGE=debian:bookworm-slim

# --- What npm reads, and nothing else: installs are repeated when it changes, and not for every line of code.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /manifests
COPY . /source
RUN cd /source \
  && find . \( -name package.json -o -name package-lock.json -o -name .npmrc \) -exec cp --parents -t /manifests {} + \
  && cp --parents deploy/prune.sh /manifests

# --- The sources with all that is generated from them: Prisma's clients, resolver types, the explorer's page.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY --from=manifests /manifests/ ./
RUN npm ci --ignore-scripts
COPY . .
# The folders of dependencies go: the images get those of production.
RUN npm run generate \
  && find . -name node_modules -type d -prune -exec rm -rf {} + \
  && chmod -R a+rX .

# --- node, the libraries that it needs, and the folders that secrets are mounted at, for any image with a C library.
FROM ${NODE_IMAGE} AS node
RUN mkdir -p /rootfs/usr/local/bin \
  && cp /usr/local/bin/node /rootfs/usr/local/bin/ \
  && for library in $(ldd /usr/local/bin/node | awk '$1 ~ /^lib(atomic|gcc_s|stdc[+][+])[.]so/ { print $3 }'); do \
       real=$(readlink -f "$library") \
       && folder=$(readlink -f "$(dirname "$library")") \
       && mkdir -p "/rootfs$folder" \
       && cp "$real" "/rootfs$folder/$(basename "$library")"; \
     done \
  && mkdir -p /secrets/database /secrets/customer /secrets/order /secrets/payment /secrets/history /secrets/broker \
       /secrets/gateway /secrets/issuer /secrets/public

# --- What every image has in common. No RUN from here on: an image without a shell will do as RUNTIME_IMAGE.
FROM ${RUNTIME_IMAGE} AS runtime
COPY --from=node /rootfs/ /
# A named volume takes its owner from here when it is first mounted.
COPY --from=node --chown=10001:10001 /secrets/ /run/tributary/
WORKDIR /app
ENV NODE_ENV=production
STOPSIGNAL SIGTERM
USER 10001:10001

# --- The subgraphs share their dependencies, so that their images share that layer.
FROM ${NODE_IMAGE} AS subgraph-dependencies
WORKDIR /app
COPY --from=manifests /manifests/ ./
# Without the optional packages: those are Node, PostgreSQL and compilers for development, per platform.
RUN npm ci --ignore-scripts --omit=dev --omit=optional \
    --workspace subgraphs/customer --workspace subgraphs/order --workspace subgraphs/payment \
    --workspace subgraphs/history \
  && sh deploy/prune.sh . && rm deploy/prune.sh

FROM runtime AS subgraph
ARG CONTEXT
COPY --from=subgraph-dependencies /app/ /app/
COPY --from=build /app/deploy /app/deploy
COPY --from=build /app/packages/subgraph-kit /app/packages/subgraph-kit
COPY --from=build /app/packages/messaging /app/packages/messaging
COPY --from=build /app/packages/channels /app/packages/channels
COPY --from=build /app/subgraphs/${CONTEXT} /app/subgraphs/${CONTEXT}
WORKDIR /app/subgraphs/${CONTEXT}
ENV HOST=0.0.0.0 PORT=4001
EXPOSE 4001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/deploy/health.mjs", "http://127.0.0.1:4001/health/ready"]
ENTRYPOINT ["node", "--import", "/app/deploy/settings/config.ts"]
CMD ["src/main.ts"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tributary subgraph: ${CONTEXT}" \
  org.opencontainers.image.description="One bounded context's part of the GraphQL API" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"

# --- The gateway.
FROM ${NODE_IMAGE} AS gateway-dependencies
WORKDIR /app
COPY --from=manifests /manifests/ ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional --workspace gateway \
  && sh deploy/prune.sh . && rm deploy/prune.sh

FROM runtime AS gateway
COPY --from=gateway-dependencies /app/ /app/
COPY --from=build /app/deploy/health.mjs /app/deploy/
COPY --from=build /app/packages/subgraph-kit /app/packages/subgraph-kit
COPY --from=build /app/packages/executor /app/packages/executor
COPY --from=build /app/schema /app/schema
COPY --from=build /app/gateway /app/gateway
ENV GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=4000 \
  GATEWAY_SUPERGRAPH=/app/schema/supergraph.graphql GATEWAY_POLICIES=/app/schema/policies.json
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/deploy/health.mjs", "http://127.0.0.1:4000/health/ready"]
ENTRYPOINT ["node"]
CMD ["gateway/src/main.ts"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tributary gateway" \
  org.opencontainers.image.description="One GraphQL API over services that each own their database" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"

# --- What runs once: secrets, databases and roles, migrations, generated data, tokens for a trial.
FROM ${NODE_IMAGE} AS jobs-dependencies
WORKDIR /app
COPY --from=manifests /manifests/ ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional \
    --workspace deploy --workspace packages/migrate \
  && sh deploy/prune.sh . && rm deploy/prune.sh

FROM runtime AS jobs
COPY --from=jobs-dependencies /app/ /app/
COPY --from=build /app/deploy /app/deploy
COPY --from=build /app/packages /app/packages
COPY --from=build /app/subgraphs /app/subgraphs
COPY --from=build /app/prisma /app/prisma
ENTRYPOINT ["node", "--import", "/app/deploy/settings/config.ts"]
CMD ["packages/migrate/src/main.ts", "--help"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tributary jobs" \
  org.opencontainers.image.description="Migrations, and what else runs once when the system is deployed" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
