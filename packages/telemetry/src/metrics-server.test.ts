import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { MetricsNotServed } from './errors.ts';
import { type MetricsServer, type Readiness, serveMetrics } from './metrics-server.ts';

const page = { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('x 1\n') };
let readiness: Readiness = { state: 'passive', trouble: undefined, redis: { data: true } };
const open: MetricsServer[] = [];

async function serve(text = page.text): Promise<string> {
  const server = await serveMetrics({
    ...{ host: '127.0.0.1', port: 0 },
    page: { ...page, text },
    readiness: () => Promise.resolve(readiness),
  });
  open.push(server);
  return `http://127.0.0.1:${server.port}`;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
});

test('/metrics is the page, in its own media type', async () => {
  const answer = await fetch(`${await serve()}/metrics?name=x`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(page.contentType);
  expect(await answer.text()).toBe('x 1\n');
});

test('/healthz answers whatever the readiness is', async () => {
  readiness = { state: 'starting', trouble: 'it is starting', redis: {} };
  const answer = await fetch(`${await serve()}/healthz`);
  expect([answer.status, await answer.json()]).toEqual([200, { alive: true }]);
});

test('/readyz tells a standby, which is ready, from a broken one, and says what is broken', async () => {
  const url = await serve();
  readiness = { state: 'passive', trouble: undefined, redis: { data: true } };
  const well = await fetch(`${url}/readyz`);
  expect([well.status, await well.json()]).toEqual([
    200,
    { ready: true, state: 'passive', redis: { data: true } },
  ]);
  readiness = { state: 'passive', trouble: 'the data Redis is silent', redis: { data: false } };
  const broken = await fetch(`${url}/readyz`);
  expect([broken.status, await broken.json()]).toEqual([
    503,
    { ready: false, state: 'passive', reason: 'the data Redis is silent', redis: { data: false } },
  ]);
});

test('what is not there, or not to be read, is refused', async () => {
  const url = await serve();
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a page that cannot be made is an error of this reading, not the end of the process', async () => {
  let fail = true;
  const url = await serve(() => (fail ? Promise.reject(new Error('torn')) : page.text()));
  const broken = await fetch(`${url}/metrics`);
  expect([broken.status, await broken.text()]).toEqual([500, expect.stringContaining('torn')]);
  fail = false;
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

test('a port that is taken is named, with the variables that choose another', async () => {
  const port = Number(new URL(await serve()).port);
  const second = serveMetrics({
    ...{ host: '127.0.0.1', port, page },
    readiness: () => Promise.resolve(readiness),
  });
  await expect(second).rejects.toThrow(MetricsNotServed);
  await expect(second).rejects.toThrow(
    new RegExp(`127\\.0\\.0\\.1:${port}: the port is taken.*METRICS_PORT`),
  );
});

test('an address that is not of this machine is refused', async () => {
  const elsewhere = serveMetrics({
    ...{ host: '192.0.2.1', port: 0, page },
    readiness: () => Promise.resolve(readiness),
  });
  await expect(elsewhere).rejects.toThrow(/this machine has no such address/);
});

test('disposing of it frees the port, though a scraper keeps its connection open', async () => {
  const url = await serve();
  await (await fetch(`${url}/metrics`)).text();
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
  const next = createServer();
  await new Promise<void>((resolve, reject) => {
    next.once('error', reject);
    next.listen(Number(new URL(url).port), '127.0.0.1', () => next.close(() => resolve()));
  });
  await expect(fetch(`${url}/metrics`)).rejects.toThrow();
});
