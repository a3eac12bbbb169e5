// Waits in pg_advisory_lock until the session that holds it is gone; then effects, in the same session.
import process from 'node:process';
import { sleep, systemTimers } from '@understudy/runtime';
import pg from 'pg';
import { PER_SECOND } from './peer-stage.ts';

const LOCK = 1;
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
process.stdout.write('ready\n');
await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
for (;;) {
  await client.query('INSERT INTO effects DEFAULT VALUES');
  process.stdout.write('effect\n');
  await sleep(systemTimers, 1000 / PER_SECOND);
}
