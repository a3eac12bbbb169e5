import { fileURLToPath } from 'node:url';
import { messageOf } from '@understudy/runtime';
import pg from 'pg';
import { findPostgres, startPostgres } from '../../servers/private-postgres.ts';
import { endWithBench } from '../children.ts';
import type { OpenedStage } from './peer-stage.ts';

const MAIN = fileURLToPath(new URL('./postgresql-child.ts', import.meta.url));

const ACTIVE_FOR_MS = 500;

/** A PostgreSQL, and the table its effects go into. */
export async function postgresqlStage(): Promise<OpenedStage> {
  if (findPostgres() === undefined) {
    return { absent: 'no PostgreSQL: `node scripts/setup.mjs --with postgresql` says why' };
  }
  try {
    const server = await startPostgres(endWithBench);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('CREATE TABLE effects (id bigserial PRIMARY KEY)');
    await client.end();
    return {
      main: MAIN,
      activeForMs: ACTIVE_FOR_MS,
      environment: { DATABASE_URL: server.url },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    return { absent: messageOf(error).split('\n')[0] ?? '' };
  }
}
