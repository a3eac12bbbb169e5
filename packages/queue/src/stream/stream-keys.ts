import { groupKeys } from '@understudy/redis';

/** The name of the lane's consumer group. */
export const CONSUMER_GROUP = 'understudy';

/** The keys of a queue that is a stream. */
export interface StreamKeys {
  /** Stream: the jobs that are not done, entries with the fields `id` and `data`. */
  readonly jobs: string;
  /** Stream: the jobs that were given up, with the fields `id`, `data`, `reason` and `entry`. */
  readonly parked: string;
  /**
   * Hash: what is known of entries beyond their fields. `<entry> r` how often it was taken back from
   * the dead, `<entry> f` how often its handler failed, `<entry> a` the consumer that tried it alone,
   * `<entry> c` why it is to be given up.
   */
  readonly notes: string;
  /** Prefix of the marks of consumers that others took entries from. */
  readonly robbed: string;
}

/** Where a queue is. */
export interface StreamPlace {
  readonly group: string;
  readonly queue: string;
  /** Default: the group's, which carries its hash tag. */
  readonly prefix?: string | undefined;
}

/** The keys of the queue at `place`. @throws {InvalidName} for a group that cannot be one */
export function streamKeys({ group, queue, prefix }: StreamPlace): StreamKeys {
  const jobs = `${prefix ?? groupKeys(group).streamPrefix}:${queue}`;
  return {
    jobs,
    parked: `${jobs}:parked`,
    notes: `${jobs}:notes`,
    robbed: `${jobs}:robbed:`,
  };
}
