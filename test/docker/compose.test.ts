import { randomBytes } from 'node:crypto';
import { freePort } from '@understudy/redis';
import Docker from 'dockerode';
import { runResultSchema, type RunResult } from 'understudy';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { aPlace, type Place, type Running } from '../e2e/command.ts';
import { whyNoEngine } from './compose-project.test-support.ts';

// docker-compose.yml as it is shipped, but Grafana, brought up and taken down by `understudy observe`.

const NODE_IMAGE = process.env.NODE_IMAGE ?? 'node:24.21.0-bookworm-slim';
const MOST_ADDED_BYTES = 120_000_000;
const PORTS = ['REDIS_PORT', 'LOCK_1_PORT', 'LOCK_2_PORT', 'LOCK_3_PORT', 'PROMETHEUS_PORT'];

const missing = await whyNoEngine();
const project = `understudytest${randomBytes(4).toString('hex')}`;
const filters = { label: [`com.docker.compose.project=${project}`] };
let place: Place;
let observing: Running | undefined;
let environment: Record<string, string>;

beforeAll(async () => {
  place = await aPlace();
  if (missing !== undefined) return;
  const ports = await Promise.all(PORTS.map(async (name) => [name, String(await freePort())]));
  environment = Object.fromEntries(ports) as Record<string, string>;
  const words = ['observe', '--without-grafana', '--project', project, '--every', '3600'];
  observing = place.start(words, environment);
  await observing.said(/is taken back/, 'stdout');
}, 300_000);

afterAll(async () => {
  observing?.signal('SIGINT');
  await observing?.ended;
  await place[Symbol.asyncDispose]();
}, 120_000);

async function runOn(group: string): Promise<RunResult> {
  const { stdout, stderr } = await place.understudy([
    ...['run', 'kill-leader', '--driver', 'docker', '--project', project, '--group', group],
    ...['--jobs', '300', '--rate', '60', '--reporter', 'json', '--quiet'],
  ]);
  return runResultSchema.parse(JSON.parse(stdout || JSON.stringify(stderr)));
}

test.each(['payments-passive', 'payments-active'])(
  '%s: jobs take effect exactly once while a container is killed and a producer goes on',
  async (group) => {
    if (missing !== undefined) return;
    const result = await runOn(group);
    expect(result.counts).toMatchObject({ accepted: 300, ok: 300, lost: 0, duplicated: 0 });
    const failed = result.checkers.filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ checker, reason }) => `${checker}: ${reason}`)).toEqual([]);
    expect(result.faults.every(({ landed }) => landed)).toBe(true);
  },
);

test('Prometheus sees all of it, and the lab’s faults', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const url = `http://127.0.0.1:${environment.PROMETHEUS_PORT}/api/v1/query`;
  const values = async (query: string): Promise<string[]> => {
    const body = new URLSearchParams({ query });
    const response = await fetch(url, { method: 'POST', body });
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.map(({ value }) => value[1]);
  };
  expect(await values('count(understudy_node_state)')).toEqual(['6']);
  expect(await values('sum(understudy_faults_injected_total)')).toEqual(['1']);
  expect(Number((await values('sum(understudy_jobs_enqueued_total)'))[0])).toBeGreaterThan(0);
  return undefined;
});

test('a fault on a link goes through a node’s proxy, is judged, and one way is not the other', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const { stdout, stderr } = await place.understudy([
    ...['run', 'lost-replies', '--driver', 'docker', '--project', project],
    ...['--group', 'payments-active', '--jobs', '300', '--rate', '60'],
    ...['--reporter', 'json', '--quiet'],
  ]);
  const result = runResultSchema.parse(JSON.parse(stdout || JSON.stringify(stderr)));
  expect(result.counts).toMatchObject({ accepted: 300, ok: 300, lost: 0, duplicated: 0 });
  expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  for (const { landed, evidence } of result.faults) {
    expect(landed).toBe(true);
    expect(evidence).toMatch(/^container \S+ \(proxy of active-\d\) dropped \d+ bytes from Redis$/);
  }
  return undefined;
});

test('a fault on a link by hand lands at the leader’s proxy, and is taken back when its time is over', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const { status, stdout, stderr } = await place.understudy([
    ...['fault', 'latency', 'leader', '--project', project, '--group', 'payments-passive'],
    ...['--set', 'delay=80ms', '--for', '1s', '--reporter', 'json'],
  ]);
  const told = JSON.parse(stdout || JSON.stringify(stderr)) as Record<string, unknown>;
  expect(told).toMatchObject({ fault: 'latency', landed: true, healed: true });
  expect(status).toBe(0);
  return undefined;
});

test('a lab that is killed leaves no fault in a proxy', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const words = ['fault', 'partition', 'standby', '--project', project];
  const asking = place.start([...words, '--group', 'payments-passive', '--for', '600s']);
  await asking.said(/partition passive-\d \(standby\) landed after/, 'stdout');
  asking.signal('SIGKILL');
  const node = /partition (passive-\d)/.exec((await asking.ended).stdout)?.[1] ?? '';
  const [proxy] = await new Docker().listContainers({
    filters: { label: [...filters.label, 'understudy.role=proxy', `understudy.node=${node}`] },
  });
  const log = new Docker().getContainer(proxy?.Id ?? '');
  await expect
    .poll(async () => (await log.logs({ stdout: true })).toString(), { timeout: 20_000 })
    .toContain('"event":"healed","faults":1');
  return undefined;
});

test('our containers are no root, cannot write where they are, and are small', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const docker = new Docker();
  const containers = await docker.listContainers({ filters });
  const ours = containers.filter(({ Labels }) =>
    ['worker', 'producer', 'proxy'].includes(Labels['understudy.role'] ?? ''),
  );
  expect(ours).toHaveLength(14);
  for (const { Id } of ours) {
    const { Config, HostConfig } = await docker.getContainer(Id).inspect();
    expect(Config.User).toBe('node');
    expect(HostConfig.ReadonlyRootfs).toBe(true);
    expect(HostConfig.Memory).toBeGreaterThan(0);
  }
  for (const { Ports } of containers) {
    const open = Ports.filter(({ PublicPort }) => PublicPort !== undefined);
    expect(open.map(({ IP }) => IP).filter((ip) => ip !== '127.0.0.1')).toEqual([]);
  }
  const { Size: base } = await docker.getImage(NODE_IMAGE).inspect();
  const images = new Set(ours.map(({ ImageID }) => ImageID));
  expect(images.size).toBe(2);
  for (const image of images) {
    const { Size } = await docker.getImage(image).inspect();
    expect(Size - base).toBeLessThan(MOST_ADDED_BYTES);
  }
  return undefined;
});

test('Ctrl-C takes down everything that observe started', async (context: TestContext) => {
  if (!observing) return context.skip(missing);
  observing.signal('SIGINT');
  const { status, stdout } = await observing.ended;
  expect(stdout).toMatch(/all 19 services are healthy after \d+ s/);
  expect(stdout).toContain('nothing of it is left');
  expect(status).toBe(0);
  expect(await new Docker().listContainers({ all: true, filters })).toEqual([]);
  return undefined;
});
