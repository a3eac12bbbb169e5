import { InvalidCommit } from './errors.ts';
import type { CommitOutcome, CommitRequest } from './ledger.ts';

/**
 * Checks what the script takes on trust.
 * @throws {InvalidCommit}
 */
export function assertCommittable({ job, key, digest, token, credits }: CommitRequest): void {
  const invalid = (why: string): never => {
    throw new InvalidCommit(`job ${JSON.stringify(job)} cannot be committed: ${why}`);
  };
  if (job === '') invalid('its id is empty');
  if (key === '') invalid('its idempotency key is empty; null means none');
  if (digest === '') invalid('its digest is empty');
  if (token && !(Number.isSafeInteger(token.epoch) && token.epoch > 0)) {
    invalid(`its token's epoch is ${token.epoch}`);
  }
  for (const { account, amountCents } of credits) {
    if (!Number.isSafeInteger(amountCents)) {
      invalid(`${amountCents} cents for account ${JSON.stringify(account)} is no safe integer`);
    }
  }
  if (!Number.isSafeInteger(sumCents(credits))) invalid('its credits add up beyond safe integers');
}

/** The ARGV of `commit.lua`. */
export function commitArguments(request: CommitRequest, capacity: number): (string | number)[] {
  const { job, key, digest, token, node, incarnation, credits } = request;
  const args = [key ?? '', digest, token?.epoch ?? '', token?.term ?? '', capacity];
  args.push(job, node, incarnation, sumCents(credits));
  for (const { account, amountCents } of credits) args.push(account, amountCents);
  return args;
}

/** What `commit.lua` returned. */
export function readCommitReply(reply: unknown): CommitOutcome {
  const [status, detail, current] = reply as [string, string | number, number?];
  switch (status) {
    case 'applied':
    case 'conflict':
      return { status, position: String(detail) };
    case 'duplicate':
      return { status, position: String(detail), tokenCurrent: current === 1 };
    case 'stale-token':
    case 'token-required':
      return { status: 'fenced', reason: status, currentEpoch: Number(detail) };
    case 'capacity':
      return { status, keys: Number(detail) };
    default:
      throw new InvalidCommit(`commit.lua returned ${JSON.stringify(reply)}`);
  }
}

function sumCents(credits: CommitRequest['credits']): number {
  return credits.reduce((sum, { amountCents }) => sum + amountCents, 0);
}
