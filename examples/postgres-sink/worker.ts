// Takes payments from BullMQ and books them in PostgreSQL. Two stores that know nothing of each other:
// BullMQ delivers a job again when it is in doubt, and the key of the booking makes that harmless.
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import pg from 'pg';

interface Payment {
  readonly id: string;
  readonly account: string;
  readonly amountCents: number;
}

const env = process.env;
const { hostname: host, port } = new URL(env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 10 });
// A connection that breaks while it idles is replaced by the next that is needed.
pool.on('error', (error) => process.stderr.write(`${error.message}\n`));

/** Books a payment, once: key and balance are one transaction. */
async function book({ data }: Job<Payment>): Promise<void> {
  await wait(Number(env.UNDERSTUDY_HANDLER_MS ?? 5));
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rowCount } = await client.query(
      `INSERT INTO bookings (run, key, node, amount_cents) VALUES ($1, $2, $3, $4)
       ON CONFLICT (run, key) DO NOTHING`,
      [env.UNDERSTUDY_GROUP, data.id, env.UNDERSTUDY_NODE_ID, data.amountCents],
    );
    if (rowCount === 1) {
      await client.query(
        `INSERT INTO balances (run, account, cents) VALUES ($1, $2, $3)
         ON CONFLICT (run, account) DO UPDATE SET cents = balances.cents + excluded.cents`,
        [env.UNDERSTUDY_GROUP, data.account, data.amountCents],
      );
    }
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    // Whether it was committed is unknown: the connection goes, and the job is delivered again.
    client.release(true);
    throw error;
  }
}

const worker = new Worker<Payment>(env.UNDERSTUDY_QUEUE ?? 'payments', book, {
  prefix: env.UNDERSTUDY_PREFIX ?? 'bull',
  connection: { host, port: Number(port || 6379), maxRetriesPerRequest: null },
  concurrency: Number(env.UNDERSTUDY_CONCURRENCY ?? 10),
  lockDuration: Number(env.UNDERSTUDY_LOCK_DURATION_MS ?? 30_000),
  stalledInterval: 1000,
  // Deaths of workers are no fault of the job.
  maxStalledCount: 100,
});
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
process.once('SIGTERM', () => void worker.close().then(() => pool.end()));
