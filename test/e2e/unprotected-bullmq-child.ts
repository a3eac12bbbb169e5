// A wrapped BullMQ worker with protections taken out of the ledger's script: what must go red. Its
// arguments say which: `no-key`, `no-fencing`.
import { setTimeout as sleep } from 'node:timers/promises';
import { exactlyOnce, leadership, printEvents, whenLeader } from '@understudy/bullmq';
import { ledgerScripts } from '@understudy/exactly-once';
import { scriptOf } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { type Job, Worker } from 'bullmq';

const REMOVALS: Readonly<Record<string, readonly [string, string]>> = {
  'no-key': ['local key, epoch = ARGV[1], ARGV[3]', "local key, epoch = '', ARGV[3]"],
  'no-fencing': [
    'tokenCurrent = current[1] == epoch and current[2] == ARGV[4]',
    'tokenCurrent = true',
  ],
};

let text = ledgerScripts.commit.text;
for (const name of process.argv.slice(2)) {
  const [line, instead] = REMOVALS[name] ?? ['', ''];
  invariant(line !== '' && text.split(line).length === 2, `${name} removes one line`);
  text = text.replace(line, instead);
}

const env = process.env as Readonly<Record<string, string>>;
const group = {
  redisUrl: env.REDIS_URL as string,
  group: env.UNDERSTUDY_GROUP as string,
  nodeId: env.UNDERSTUDY_NODE_ID,
  incarnation: env.UNDERSTUDY_INCARNATION,
  onEvent: printEvents(),
  scripts: { commit: scriptOf(text) },
};
const leader =
  env.UNDERSTUDY_MODE === 'active-passive'
    ? leadership({
        ...group,
        lockRedisUrls: (env.LOCK_REDIS_URLS as string).split(','),
        ttlMs: Number(env.UNDERSTUDY_TTL_MS),
      })
    : undefined;

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

const processor = exactlyOnce(
  async (job: Job<Payment>, { credit }) => {
    await sleep(50);
    credit(job.data.account, job.data.amountCents);
  },
  leader ? { leader } : group,
);
const { hostname: host, port } = new URL(group.redisUrl);
const worker = new Worker(env.UNDERSTUDY_QUEUE as string, processor, {
  connection: { host, port: Number(port) },
  prefix: env.UNDERSTUDY_PREFIX as string,
  autorun: !leader,
  concurrency: 10,
  lockDuration: 1000,
  stalledInterval: 500,
  maxStalledCount: 1000,
});
worker.on('error', (error) => console.error(error.message));
const led = leader && whenLeader(worker, leader);

async function stop(): Promise<void> {
  if (led) return led.stop();
  await worker.close();
  await processor.close();
}
process.once('SIGTERM', () => void stop());
