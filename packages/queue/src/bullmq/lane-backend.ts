import {
  type MinimalJob,
  QueueKeys,
  type RedisClient,
  RedisConnection,
  RedisQueueBackend,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobFields, JobInHand } from './job-in-hand.ts';

/** What the queue answered to "the next one, please". */
export interface Delivery {
  /** The job moved to `active` under our token; its hash as it stands there. */
  readonly job?: { readonly queueId: string; readonly fields: JobFields };
  /** The queue is rate-limited for that long, in ms; 0 when it is not. */
  readonly limitedForMs: number;
  /** When the next delayed job is due, in ms since 1970; 0 for none. */
  readonly nextDueAtMs: number;
}

const NOTHING: Delivery = { limitedForMs: 0, nextDueAtMs: 0 };

/** Reply of BullMQ's fetching scripts: the job's hash as a flat list, its id, limit, next due. */
type RawReply = [string[] | 0 | null, string | 0, number, number];

/**
 * BullMQ's own scripts, with one difference: BullMQ decodes a fetched job at once and throws where
 * it cannot, after the job was moved to `active` and with its id forgotten. Here the hash is
 * handed on as it is, so that a job which cannot be decoded can still be parked.
 */
export class LaneBackend extends RedisQueueBackend {
  /** @param redis of purpose `queue`; stays the caller's to close */
  constructor(redis: Redis, queueName: string, options: WorkerOptions) {
    const connection = new RedisConnection(redis, {
      shared: true,
      blocking: true,
      skipVersionCheck: true,
      // Commands wait in ioredis until the server is there, for however long.
      skipWaitingForReady: true,
    });
    const keys = new QueueKeys(options.prefix);
    super(
      connection,
      queueName,
      keys.getKeys(queueName),
      (type) => keys.toKey(queueName, type),
      options,
    );
  }

  override execCommand(
    client: Parameters<RedisQueueBackend['execCommand']>[0],
    name: string,
    args: unknown[],
  ): unknown {
    const reply: unknown = super.execCommand(client, name, args);
    return name === 'moveToActive' || name === 'moveToFinished'
      ? Promise.resolve(reply).then(withoutDecoding)
      : reply;
  }

  /** Moves the next job to `active`, locked with `token`. */
  async fetch(token: string, incarnation: string): Promise<Delivery> {
    return deliveryIn(await this.moveToActive(token, incarnation));
  }

  /**
   * Moves a job to `completed` and, if asked, the next one to `active` under the same token.
   * @throws an error with BullMQ's numeric `code` when the job is not ours to complete
   */
  async complete(job: JobInHand, fetchNext: boolean): Promise<Delivery> {
    // Of the job BullMQ uses the id and the options here.
    const { queueId: id, opts } = job;
    const minimal = { id, opts } as MinimalJob;
    const { removeOnComplete } = opts as { removeOnComplete: boolean };
    const args = this.moveToCompletedArgs(minimal, 'null', removeOnComplete, job.token, fetchNext);
    const reply = await this.moveToFinished(id, args);
    return Array.isArray(reply) ? deliveryIn(reply) : NOTHING;
  }

  /** The client with BullMQ's scripts. */
  override get client(): Promise<RedisClient> {
    return super.client;
  }
}

/** Gives BullMQ an empty hash to decode and puts the real one where it passes things through. */
function withoutDecoding(reply: unknown): unknown {
  if (!Array.isArray(reply) || !Array.isArray(reply[0])) return reply;
  const [hash, queueId, ...rest] = reply as RawReply;
  return [[], { queueId, fields: fieldsOf(hash as string[]) }, ...rest];
}

function fieldsOf(flat: string[]): JobFields {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] as string, flat[i + 1] as string);
  return fields;
}

function deliveryIn(reply: readonly unknown[]): Delivery {
  const [, passed, limitedForMs, nextDueAtMs] = reply;
  const times = { limitedForMs: Number(limitedForMs) || 0, nextDueAtMs: Number(nextDueAtMs) || 0 };
  return typeof passed === 'object' && passed !== null
    ? { job: passed as NonNullable<Delivery['job']>, ...times }
    : times;
}
