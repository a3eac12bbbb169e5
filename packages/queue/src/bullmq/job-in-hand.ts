import { Job, type JobsOptions } from 'bullmq';
import { messageOf } from '@understudy/runtime';
import { canonicalDigest } from '../digest.ts';
import type { FetchedJob } from '../lane.ts';

/** A job's hash as it stands in Redis: field → value. */
export type JobFields = ReadonlyMap<string, string>;

/** Where recover.lua counts how often a job was taken back from the dead. */
const RECOVERIES = 'understudy:recoveries';

/** A job this process holds the lock of, and what is needed to settle it. */
export class JobInHand implements FetchedJob {
  readonly id: string;
  readonly queueId: string;
  /** The value of its lock: `<incarnation>:<nonce>`. */
  readonly token: string;
  readonly data: Record<string, unknown> & { id: string };
  readonly attempt: number;
  readonly recoveries: number;
  readonly opts: JobsOptions;
  readonly fields: JobFields;
  alone = false;
  /** Whether the pump was told that it is in hand no more. */
  settled = false;
  #digest: string | undefined;

  constructor(given: Pick<JobInHand, 'queueId' | 'token' | 'data' | 'opts'>, fields: JobFields) {
    this.id = given.data.id;
    this.queueId = given.queueId;
    this.token = given.token;
    this.data = given.data;
    this.opts = given.opts;
    this.fields = fields;
    this.attempt = Number(fields.get('ats') ?? 1);
    this.recoveries = Number(fields.get(RECOVERIES) ?? 0);
  }

  get digest(): string {
    return (this.#digest ??= canonicalDigest(this.data));
  }

  /** Why it is to be parked without another attempt, decided by whoever took it back. */
  get condemned(): string | undefined {
    return this.fields.get('defa');
  }
}

/** A job that no handler can be given. */
export interface MalformedJob {
  readonly queueId: string;
  readonly token: string;
  readonly reason: string;
}

/** Reads a job's hash as it came from Redis, where anybody may have written anything. */
export function readJob(
  queueId: string,
  token: string,
  fields: JobFields,
): JobInHand | MalformedJob {
  const malformed = (why: string): MalformedJob => ({
    queueId,
    token,
    reason: `malformed: ${why}`,
  });
  const text = fields.get('data');
  if (text === undefined) return malformed('it has no data');
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      return malformed('its data is not a JSON object');
    }
    if (!hasId(data)) return malformed('its data has no "id" that is a non-empty string');
    return new JobInHand({ queueId, token, data, opts: readOptions(fields) }, fields);
  } catch (error) {
    return malformed(`its data or options are not JSON (${messageOf(error)})`);
  }
}

function hasId(data: object): data is Record<string, unknown> & { id: string } {
  return 'id' in data && typeof data.id === 'string' && data.id !== '';
}

function readOptions(fields: JobFields): JobsOptions {
  // BullMQ reads the parent when the job ends; better to find out now that it cannot.
  const parent = fields.get('parent');
  if (parent !== undefined) JSON.parse(parent);
  const text = fields.get('opts');
  return text === undefined || text === '{}' ? {} : Job.optsFromJSON(text);
}
