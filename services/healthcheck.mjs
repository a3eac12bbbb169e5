// What a container is asked: whether its service says that it is ready. Plain and without imports,
// because it is started every few seconds.
const { METRICS_PORT = '9464' } = process.env;
fetch(`http://127.0.0.1:${METRICS_PORT}/readyz`).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
