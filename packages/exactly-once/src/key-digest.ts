import { hash } from 'node:crypto';
import type { CommitRequest } from './ledger.ts';

/** Bytes by which a key is known in the store, and nothing shorter ever is. */
const IDENTITY_BYTES = 16;
/** Bytes by which another input of the same key is noticed. */
const CHECK_BYTES = 8;
/** Bytes a request takes in what `digestsOf` returns. */
const DIGEST_BYTES = IDENTITY_BYTES + CHECK_BYTES;

/** What the store knows a key by: the first 128 bits of its SHA-256. */
export function keyIdentity(key: string): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, IDENTITY_BYTES);
}

/**
 * The digests of requests, `DIGEST_BYTES` each: the key's identity, then 64 bits of key and input
 * together. Two requests are told to be the same only when all 192 bits agree. A request without a
 * key, or with a number of its producer's, has zeros.
 */
export function digestsOf(requests: readonly CommitRequest[]): Buffer {
  const digests = Buffer.alloc(DIGEST_BYTES * requests.length);
  for (const [i, { key, digest, sequence }] of requests.entries()) {
    if (key === null || sequence) continue;
    const at = i * DIGEST_BYTES;
    hash('sha256', key, 'buffer').copy(digests, at, 0, IDENTITY_BYTES);
    // With the length in front no other key and input read the same.
    const whole = hash('sha256', `${key.length} ${key}${digest}`, 'buffer');
    whole.copy(digests, at + IDENTITY_BYTES, 0, CHECK_BYTES);
  }
  return digests;
}
