# Node runs the TypeScript as it is: there is nothing to build. Works on any Node 24 base with a shell.
FROM node:24-slim
WORKDIR /app

# `node` among the devDependencies is for machines with an older Node; here the image is the Node.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

COPY src ./src
COPY rules ./rules

# The embedded database and nothing else; unused with DATABASE_URL.
RUN mkdir -p /data && chown node:node /data
VOLUME /data

ENV NODE_ENV=production \
    DATA_DIR=/data \
    EKS_AUDIT_CONFIG=/etc/eks-audit/eks-audit.yaml
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Not through npm, which would keep SIGTERM to itself.
CMD ["node", "src/main.ts"]
