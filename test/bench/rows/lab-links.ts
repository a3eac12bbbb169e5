import { join } from 'node:path';
import { launchRedisServer } from '@understudy/redis';
import { invariant, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import {
  findFault,
  type LinkProxy,
  openUndoJournal,
  proxiedLink,
  startLinkProxy,
} from 'understudy';
import { makeDirectory, removeDirectory } from '../directories.ts';
import { quantile, spread } from '../distribution.ts';
import { redisServerPath } from '../fleet/servers.ts';
import { atLeast, atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

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

/** What a PING takes through the proxy, against what it takes directly. */
export const labPing: Measurement = {
  name: 'lab-ping',
  what: 'a PING through the lab’s proxy ÷ a direct one, medians',
  byDefault: false,
  measure: measurePing,
};

async function measurePing({ progress }: Context): Promise<Measured> {
  await using stage = await setUp();
  const [direct, proxied]: number[][] = [[], []];
  for (let turn = 1; turn <= TURNS; turn++) {
    direct?.push(...(await pings(stage.direct)));
    proxied?.push(...(await pings(stage.proxied)));
  }
  progress(`lab-ping: direct ${spread(direct ?? [])}; through the proxy ${spread(proxied ?? [])}`);
  const [ours, peer] = [quantile(proxied ?? [], 0.5), quantile(direct ?? [], 0.5)];
  return {
    ours: microseconds(ours),
    peers: [{ name: 'direct', figure: microseconds(peer) }],
    ratio: (ours / peer).toFixed(2),
    n: TURNS * PINGS,
    required: [atMost('ratio', ours / peer, 3, '')],
    configuration: { turns: TURNS, pingsATurn: PINGS },
    values: { 'proxied, ms': proxied ?? [], 'direct, ms': direct ?? [] },
  };
}

/** Pipelined commands a second through the proxy, against those sent directly, in turns. */
export const labPipeline: Measurement = {
  name: 'lab-pipeline',
  what: 'pipelined SETs a second through the lab’s proxy ÷ direct ones, medians',
  byDefault: false,
  measure: measurePipeline,
};

async function measurePipeline({ progress }: Context): Promise<Measured> {
  await using stage = await setUp();
  const rates: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    rates.peer.push(await pipelined(stage.direct));
    rates.ours.push(await pipelined(stage.proxied));
    progress(`lab-pipeline: round ${round}/${ROUNDS}`);
  }
  const [ours, peer] = [quantile(rates.ours, 0.5), quantile(rates.peer, 0.5)];
  return {
    ours: `${ours.toFixed(0)}/s`,
    peers: [{ name: 'direct', figure: `${peer.toFixed(0)}/s` }],
    ratio: (ours / peer).toFixed(2),
    n: ROUNDS * PIPELINES * COMMANDS_A_PIPELINE,
    required: [atLeast('ratio', ours / peer, 0.6)],
    configuration: { pipelines: PIPELINES, commandsAPipeline: COMMANDS_A_PIPELINE },
    values: { 'proxied a second': rates.ours, 'direct a second': rates.peer },
  };
}

/** From the injection of a fault on a link that carries traffic to the evidence that it landed. */
export const labLinks: Measurement = {
  name: 'lab-links',
  what: 'injection of a link fault → its evidence, with traffic on the link',
  byDefault: false,
  measure: measureLinks,
};

async function measureLinks({ progress }: Context): Promise<Measured> {
  await using stage = await setUp();
  const traffic = stage.proxied;
  let flowing = true;
  const flow = (async () => {
    while (flowing) await traffic.ping().catch(() => new Promise((r) => setImmediate(r)));
  })();
  const took: number[] = [];
  for (const name of LINK_FAULTS) {
    for (let i = 0; i < INJECTIONS_A_FAULT; i++) took.push(await timeToEvidence(name, stage.proxy));
    progress(`lab-links: ${name}, ${spread(took.slice(-INJECTIONS_A_FAULT))}`);
  }
  flowing = false;
  await flow;
  return {
    ours: spread(took),
    peers: [],
    n: took.length,
    required: [atMost('p95', quantile(took, 0.95), 10, 'ms')],
    configuration: { injectionsAFault: INJECTIONS_A_FAULT },
    values: { 'injection to evidence, ms': took },
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
  const executable = redisServerPath();
  const directory = makeDirectory();
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
      removeDirectory(directory);
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
