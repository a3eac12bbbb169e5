// What a container is asked every few seconds: whether its service says that it is ready.
import { get } from 'node:http';
import process from 'node:process';

const { METRICS_PORT = '9464' } = process.env;
get(`http://127.0.0.1:${METRICS_PORT}/readyz`, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).once('error', () => process.exit(1));
