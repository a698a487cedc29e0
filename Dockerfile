# syntax=docker/dockerfile:1
# glibc, not Alpine: the Temporal SDK's native core is built for glibc only.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The SDK ships its core for five platforms of 50 MB each; the image needs its own.
RUN npm run build \
 && npm prune --omit=dev \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24-bookworm-slim
# The native core reads the system's certificates, even for a server without TLS.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# What `start` writes: the database of its Temporal server and secret keys, which a volume keeps for their user alone,
# and the Temporal CLI that it fetches.
RUN install --directory --owner=node --group=node --mode=0700 .dealseat .cache
VOLUME /app/.dealseat
USER node
ENV WEBHOOK_HOST=0.0.0.0 WEBHOOK_PORT=8080
EXPOSE 8080
# For `start` and `webhooks`. A worker serves no HTTP: run it with this check off and watch its pollers in Temporal.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEBHOOK_PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["start"]
