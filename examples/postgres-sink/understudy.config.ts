import process from 'node:process';
import { Queue } from 'bullmq';
import pg from 'pg';
import { defineSystem, type SystemRun } from 'understudy';

// One of each for the run: made in setUp, closed in tearDown.
let pool: pg.Pool | undefined;
let queue: Queue | undefined;

const TABLES = `
  CREATE TABLE IF NOT EXISTS bookings (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run text NOT NULL, key text NOT NULL, node text NOT NULL, amount_cents bigint NOT NULL,
    UNIQUE (run, key)
  );
  CREATE TABLE IF NOT EXISTS balances (
    run text NOT NULL, account text NOT NULL, cents bigint NOT NULL, PRIMARY KEY (run, account)
  )`;

async function book(run: SystemRun): Promise<pg.QueryResult> {
  if (!pool) throw new TypeError('setUp() comes first');
  const text = 'SELECT key, node, amount_cents FROM bookings WHERE run = $1 ORDER BY id';
  return pool.query(text, [run.run]);
}

export default defineSystem({
  nodes: { command: 'node worker.ts' },
  livenessBoundMs: 15_000,

  async setUp({ redisUrl, queue: name, prefix }) {
    const { hostname: host, port } = new URL(redisUrl);
    queue = new Queue(name, { connection: { host, port: Number(port) }, prefix });
    queue.on('error', () => undefined);
    pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
    pool.on('error', () => undefined);
    await pool.query(TABLES);
  },

  async enqueue(payment) {
    if (!queue) throw new TypeError('setUp() comes first');
    await queue.add('payment', payment);
  },

  async readEffects(run) {
    const { rows } = await book(run);
    return rows.map(({ key, node, amount_cents }: Record<string, string>) => ({
      job: key ?? '',
      key,
      node,
      amountCents: Number(amount_cents),
    }));
  },

  async readPending() {
    const jobs = (await queue?.getJobs(['wait', 'active', 'delayed', 'prioritized'])) ?? [];
    return jobs.filter(Boolean).map(({ data }) => (data as { id: string }).id);
  },

  async tearDown() {
    await queue?.close();
    await pool?.end();
  },
});
