import { InvalidCommit } from './errors.ts';
import { digestsOf } from './key-digest.ts';
import type { CommitOutcome, CommitRequest } from './ledger.ts';

/**
 * Checks what the script takes on trust.
 * @throws {InvalidCommit}
 */
export function assertCommittable(request: CommitRequest): void {
  const { job, key, digest, token, sequence, credits } = request;
  const invalid = (why: string): never => {
    throw new InvalidCommit(`job ${JSON.stringify(job)} cannot be committed: ${why}`);
  };
  if (job === '') invalid('its id is empty');
  if (key === '') invalid('its idempotency key is empty; null means none');
  if (digest === '') invalid('its digest is empty');
  if (token && !(Number.isSafeInteger(token.epoch) && token.epoch > 0)) {
    invalid(`its token's epoch is ${token.epoch}`);
  }
  if (sequence && !(Number.isSafeInteger(sequence.number) && sequence.number >= 0)) {
    invalid(`its number ${sequence.number} is no safe integer from 0`);
  }
  if (sequence?.producer === '') invalid('its producer is empty; no sequence means none');
  for (const { account, amountCents } of credits) {
    if (!Number.isSafeInteger(amountCents)) {
      invalid(`${amountCents} cents for account ${JSON.stringify(account)} is no safe integer`);
    }
  }
  if (!Number.isSafeInteger(sumCents(credits))) invalid('its credits add up beyond safe integers');
}

/** What holds for all requests of a call. */
export interface CommitLimits {
  /** How many keys may be kept. */
  readonly capacity: number;
  /** How many keys a bucket is to hold. */
  readonly bucketSize: number;
}

/** About how many bytes a request sends, and how long it keeps the store: a credit is two arguments. */
export function commitBytes({ job, credits }: CommitRequest): number {
  let bytes = 64 + 2 * job.length;
  for (const { account } of credits) bytes += 32 + account.length;
  return bytes;
}

/** The ARGV of `commit.lua`. */
export function commitArguments(
  requests: readonly CommitRequest[],
  { capacity, bucketSize }: CommitLimits,
): (string | number | Buffer)[] {
  const authors = new Map<string, number>();
  const given: string[] = [];
  const args: (string | number)[] = [];
  for (const { job, key, sequence, token, node, incarnation, credits } of requests) {
    // Requests of one process differ in their token at most, so that there are one or two authors.
    const name = `${token?.epoch ?? ''} ${token?.term ?? ''}\n${node}\n${incarnation}`;
    let author = authors.get(name);
    if (author === undefined) {
      author = authors.size + 1;
      authors.set(name, author);
      given.push(String(token?.epoch ?? ''), token?.term ?? '', node, incarnation);
    }
    args.push(author, job, key ?? '', sequence?.producer ?? '', sequence?.number ?? '');
    args.push(credits.length);
    for (const { account, amountCents } of credits) args.push(account, amountCents);
  }
  return [capacity, bucketSize, digestsOf(requests), authors.size, ...given, ...args];
}

/** What `commit.lua` returned: an outcome for each request, or the error of one that changed nothing. */
export function readCommitReplies(replies: unknown): (CommitOutcome | Error)[] {
  return (replies as CommitReply[]).map(readCommitReply);
}

type CommitReply = string | readonly [string, string | number, number?];

function readCommitReply(reply: CommitReply): CommitOutcome | Error {
  if (typeof reply === 'string') return { status: 'applied', position: reply };
  const [status, detail, current] = reply;
  switch (status) {
    case 'conflict':
      return { status, position: detail === '' ? null : String(detail) };
    case 'duplicate':
      return {
        status,
        position: detail === '' ? null : String(detail),
        tokenCurrent: current === 1,
      };
    case 'stale-token':
    case 'token-required':
      return { status: 'fenced', reason: status, currentEpoch: Number(detail) };
    case 'capacity':
      return { status, keys: Number(detail) };
    case 'error':
      return new Error(String(detail));
    default:
      return new Error(`commit.lua returned ${JSON.stringify(reply)}`);
  }
}

function sumCents(credits: CommitRequest['credits']): number {
  return credits.reduce((sum, { amountCents }) => sum + amountCents, 0);
}
