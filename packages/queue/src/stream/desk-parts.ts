import type { Clock, Timers } from '@understudy/runtime';
import type { FetchedJob, LaneTerm } from '../lane.ts';
import type { Persistence } from '../until-answered.ts';
import type { Consumer } from './consumer.ts';
import type { OrderKey } from './stream-job.ts';

/** What a desk works with. */
export interface DeskParts {
  readonly consumer: Consumer;
  readonly term: LaneTerm;
  /** Where nodes lead: by what the order of jobs is kept. */
  readonly orderKey: OrderKey | undefined;
  readonly fetchAhead: number;
  readonly maxAttempts: number;
  readonly recoveryLimit: number;
  readonly persistence: Persistence;
  readonly clock: Clock;
  readonly timers: Timers;
  prepare(): Promise<boolean>;
  wait(lastId: string, forMs: number): Promise<void>;
  committed?: ((job: FetchedJob) => Promise<boolean>) | undefined;
  onParked?: ((job: string, reason: string) => void) | undefined;
  onFenced(): void;
}
