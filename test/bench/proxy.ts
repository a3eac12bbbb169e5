import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer, launchRedisServer } from '@understudy/redis';
import { invariant, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import {
  findFault,
  type LinkProxy,
  openUndoJournal,
  proxiedLink,
  startLinkProxy,
} from 'understudy';
import { quantile, type Row, spread } from './distribution.ts';
import type { Progress } from './takeover.ts';

const ROUNDS = 7;
/** So few at a time that the machine's other work meets both sides alike. */
const PINGS = 50;
const TURNS = 300;
const PIPELINES = 300;
const COMMANDS_A_PIPELINE = 100;
const VALUE = 'x'.repeat(100);
const INJECTIONS_A_FAULT = 40;
const LINK_FAULTS = [
  'partition',
  'lose-requests',
  'lose-replies',
  'latency',
  'bandwidth',
  'reset',
] as const;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a PING takes through the proxy, against what it takes directly. */
export async function proxyPing(progress: Progress): Promise<Row> {
  await using stage = await setUp();
  const [direct, proxied]: number[][] = [[], []];
  for (let turn = 1; turn <= TURNS; turn++) {
    direct?.push(...(await pings(stage.direct)));
    proxied?.push(...(await pings(stage.proxied)));
  }
  progress(
    `proxy-ping: direct ${spread(direct ?? [])}; through the proxy ${spread(proxied ?? [])}`,
  );
  const [ours, peer] = [quantile(proxied ?? [], 0.5), quantile(direct ?? [], 0.5)];
  return {
    what: 'a PING through the proxy ÷ a direct one, medians',
    ours: microseconds(ours),
    peer: `direct: ${microseconds(peer)}`,
    ratio: (ours / peer).toFixed(2),
    n: TURNS * PINGS,
    target: '≤ 3',
    held: ours / peer <= 3,
  };
}

/** Pipelined commands a second through the proxy, against those sent directly, in turns. */
export async function proxyPipeline(progress: Progress): Promise<Row> {
  await using stage = await setUp();
  const rates: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    rates.peer.push(await pipelined(stage.direct));
    rates.ours.push(await pipelined(stage.proxied));
    progress(`proxy-pipeline: round ${round}/${ROUNDS}`);
  }
  const [ours, peer] = [quantile(rates.ours, 0.5), quantile(rates.peer, 0.5)];
  return {
    what: 'pipelined SETs a second through the proxy ÷ direct ones, medians',
    ours: `${ours.toFixed(0)}/s`,
    peer: `direct: ${peer.toFixed(0)}/s`,
    ratio: (ours / peer).toFixed(2),
    n: ROUNDS * PIPELINES * COMMANDS_A_PIPELINE,
    target: '≥ 0.6',
    held: ours / peer >= 0.6,
  };
}

/** From the injection of a fault on a link that carries traffic to the evidence that it landed. */
export async function linkEvidence(progress: Progress): Promise<Row> {
  await using stage = await setUp();
  const traffic = stage.proxied;
  let flowing = true;
  const flow = (async () => {
    while (flowing) await traffic.ping().catch(() => new Promise((r) => setImmediate(r)));
  })();
  const took: number[] = [];
  for (const name of LINK_FAULTS) {
    for (let i = 0; i < INJECTIONS_A_FAULT; i++) took.push(await timeToEvidence(name, stage.proxy));
    progress(`link-evidence: ${name}, ${spread(took.slice(-INJECTIONS_A_FAULT))}`);
  }
  flowing = false;
  await flow;
  const p95 = quantile(took, 0.95);
  return {
    what: 'injection of a link fault to its evidence, with traffic on the link',
    ours: spread(took),
    peer: 'none',
    ratio: '–',
    n: took.length,
    target: 'p95 ≤ 10 ms',
    held: p95 <= 10,
  };
}

async function timeToEvidence(name: string, proxy: LinkProxy): Promise<number> {
  const fault = findFault(name, 'node-1');
  invariant(fault?.place === 'link', `${name} is a fault on links`);
  const parameters = fault.parameters.parse({});
  const link = proxiedLink(proxy.link());
  const fromMs = systemClock.monotonicMs();
  const { seen, evidence } = await fault.inject(link, parameters);
  const tookMs = systemClock.monotonicMs() - fromMs;
  invariant(seen, evidence);
  await fault.heal(link, parameters);
  return tookMs;
}

interface Stage extends AsyncDisposable {
  readonly proxy: LinkProxy;
  readonly direct: Redis;
  readonly proxied: Redis;
}

/** A Redis, a proxy before it, and a connection each way. */
async function setUp(): Promise<Stage> {
  const executable = findRedisServer(root, process.env)?.path;
  invariant(executable, 'a redis-server is installed (run npm start once)');
  const directory = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  const journal = openUndoJournal(directory);
  const server = await launchRedisServer({ executable, directory: join(directory, 'redis') });
  const proxy = await startLinkProxy({
    node: 'node-1',
    servers: [{ name: 'data', url: server.url }],
    seed: 1,
    logPath: join(directory, 'proxy.log'),
    journal,
    timers: systemTimers,
    onFailure: (error) => process.stderr.write(`${error.message}\n`),
  });
  const options = { maxRetriesPerRequest: 0, retryStrategy: () => 1 };
  const [direct, proxied] = [server.url, proxy.urlOf('data')].map((url) => {
    const redis = new Redis(url, options);
    return redis.on('error', () => undefined);
  });
  invariant(direct && proxied, 'two connections');
  await Promise.all([direct.ping(), proxied.ping()]);
  return {
    proxy,
    direct,
    proxied,
    async [Symbol.asyncDispose]() {
      direct.disconnect();
      proxied.disconnect();
      await proxy[Symbol.asyncDispose]();
      await server.stop();
      journal.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function pings(redis: Redis): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const fromMs = systemClock.monotonicMs();
    await redis.ping();
    took.push(systemClock.monotonicMs() - fromMs);
  }
  return took;
}

async function pipelined(redis: Redis): Promise<number> {
  const fromMs = systemClock.monotonicMs();
  for (let i = 0; i < PIPELINES; i++) {
    const pipeline = redis.pipeline();
    for (let j = 0; j < COMMANDS_A_PIPELINE; j++) pipeline.set(`key-${j}`, VALUE);
    await pipeline.exec();
  }
  return (PIPELINES * COMMANDS_A_PIPELINE * 1000) / (systemClock.monotonicMs() - fromMs);
}

function microseconds(ms: number): string {
  return `${(ms * 1000).toFixed(0)} µs`;
}
