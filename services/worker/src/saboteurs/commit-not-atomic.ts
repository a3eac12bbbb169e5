import {
  type CommitOutcome,
  type CommitRequest,
  CommitUnknown,
  type Ledger,
} from '@understudy/exactly-once';
import { type CommandConnection, commandConnection, groupKeys } from '@understudy/redis';
import { messageOf, sleep, systemTimers } from '@understudy/runtime';
import { wrappedLedger } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/**
 * Between the balance and the effect log, milliseconds at most: as if they were two systems. How
 * long it takes differs from job to job, or else all that were fetched together would be past it
 * together, and just then, with effects to be seen, a fault by progress fires.
 */
const BETWEEN_SYSTEMS_MS = 64;

/**
 * C1: a commit is a row of commands. Key and token are looked at, the balance is changed, the
 * effect is appended, the key is recorded: each in a trip of its own, and nothing takes back what
 * was done when the next one does not come. Its keys are in a hash of their own.
 */
export const commitNotAtomic: Saboteur = {
  parts: (own) => ({
    ...own,
    ledger: (settings, around) => {
      const ledger = own.ledger(settings, around);
      const connection = commandConnection(settings.redisUrl, {
        name: `understudy:in-steps:${settings.nodeId}`,
      });
      const steps = { ledger, connection, group: settings.group };
      return wrappedLedger(ledger, {
        commit: (request) => commitInSteps(steps, request),
        lookup: (key) => lookup(steps, key),
        ready: async (signal) => {
          await Promise.all([ledger.ready(signal), connection.ready(signal)]);
        },
        [Symbol.asyncDispose]: async () => {
          await connection[Symbol.asyncDispose]();
          await ledger[Symbol.asyncDispose]();
        },
      });
    },
  }),
};

interface Steps {
  readonly ledger: Ledger;
  readonly connection: CommandConnection;
  readonly group: string;
}

async function commitInSteps(steps: Steps, request: CommitRequest): Promise<CommitOutcome> {
  try {
    return (await refusal(steps, request)) ?? (await apply(steps, request));
  } catch (cause) {
    throw new CommitUnknown(
      `which steps of the commit of ${JSON.stringify(request.job)} were done is not known: ${messageOf(cause)}`,
      { cause, context: { jobId: request.job } },
    );
  }
}

/** Hash: key → position and digest. */
const keysOf = (group: string): string => `${groupKeys(group).dedup}:in-steps`;

async function lookup({ connection, group }: Steps, key: string) {
  const known = await connection.redis.hget(keysOf(group), key);
  if (known === null) return null;
  const [position = '', digest] = known.split(' ');
  return { position, digest };
}

async function refusal(
  steps: Steps,
  { key, digest, token }: CommitRequest,
): Promise<CommitOutcome | undefined> {
  const known = key === null ? null : await lookup(steps, key);
  const { epoch, term } = await steps.ledger.readEpoch();
  const tokenCurrent = epoch === (token?.epoch ?? 0) && term === (token?.term ?? null);
  if (known && known.digest !== digest) return { status: 'conflict', position: known.position };
  if (known) return { status: 'duplicate', position: known.position, tokenCurrent };
  if (tokenCurrent) return undefined;
  const reason = token ? 'stale-token' : 'token-required';
  return { status: 'fenced', reason, currentEpoch: epoch };
}

async function apply(
  { connection: { redis }, group }: Steps,
  { job, key, digest, token, node, incarnation, credits }: CommitRequest,
): Promise<CommitOutcome> {
  const keys = groupKeys(group);
  const entry: Record<string, string | number> = {
    ...{ job, node, incarnation },
    amountCents: credits.reduce((sum, { amountCents }) => sum + amountCents, 0),
    ...token,
    ...(key === null ? {} : { key }),
    ...(credits[0] && credits.length === 1 ? { account: credits[0].account } : {}),
  };
  for (const { account, amountCents } of credits) {
    await redis.hincrby(keys.balances, account, amountCents);
  }
  await sleep(systemTimers, (BETWEEN_SYSTEMS_MS * Number.parseInt(digest.slice(0, 2), 16)) / 256);
  const position = (await redis.xadd(keys.effects, '*', ...Object.entries(entry).flat())) ?? '';
  if (key !== null) await redis.hset(keysOf(group), key, `${position} ${digest}`);
  return { status: 'applied', position };
}
