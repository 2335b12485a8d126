# Everything in one stage: what is built here also builds (issue 7 parts the two).
FROM node:24-bookworm-slim
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && mkdir .data && chown node .data
USER node
ENV NODE_ENV=production HOST=0.0.0.0
EXPOSE 4000
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size=1024", "dist/src/main.js"]
