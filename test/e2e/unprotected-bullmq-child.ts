// A wrapped BullMQ worker whose ledger looks at no idempotency key: what must go red.
import { exactlyOnce, printEvents } from '@understudy/bullmq';
import { ledgerScripts } from '@understudy/exactly-once';
import { scriptOf } from '@understudy/redis';
import { invariant, sleep, systemTimers } from '@understudy/runtime';
import { type Job, Worker } from 'bullmq';

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

const ARGUMENTS = 'local job, key = ARGV[at + 1], ARGV[at + 2]';
const own = ledgerScripts.commit.text;
invariant(own.split(ARGUMENTS).length === 2, 'the script reads its key in one place');
const commit = scriptOf(own.replace(ARGUMENTS, "local job, key = ARGV[at + 1], ''"));

const env = process.env as Readonly<Record<string, string>>;
const redisUrl = env.REDIS_URL as string;
const processor = exactlyOnce(
  async (job: Job<Payment>, { credit }) => {
    await sleep(systemTimers, 200);
    credit(job.data.account, job.data.amountCents);
  },
  {
    redisUrl,
    group: env.UNDERSTUDY_GROUP as string,
    nodeId: env.UNDERSTUDY_NODE_ID,
    incarnation: env.UNDERSTUDY_INCARNATION,
    onEvent: printEvents(),
    scripts: { commit },
  },
);
const { hostname: host, port } = new URL(redisUrl);
const worker = new Worker(env.UNDERSTUDY_QUEUE as string, processor, {
  connection: { host, port: Number(port) },
  prefix: env.UNDERSTUDY_PREFIX,
  concurrency: 50,
  lockDuration: 1000,
  stalledInterval: 500,
  maxStalledCount: 1000,
});
worker.on('error', (error) => void process.stderr.write(`${error.message}\n`));

async function stop(): Promise<void> {
  await worker.close();
  await processor.close();
}
process.once('SIGTERM', () => void stop());
