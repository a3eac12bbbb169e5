export {
  type EpochReading,
  type EpochStore,
  type MintOutcome,
  type MintRequest,
} from './epoch-store.ts';
export { InvalidLeaseSettings } from './errors.ts';
export type { FencingToken } from './fencing-token.ts';
export type { DeposedReason, ElectedVia, LeaseChange, LeaseLogEvent } from './lease-change.ts';
export { createLease } from './create-lease.ts';
export type { Leadership, Lease, LeaseOptions } from './lease.ts';
export { leaseScripts, type LeaseScripts } from './scripts.ts';
export { quorumOf, silenceInForce } from './lock-view.ts';
export { leaseSettings, type LeaseSettings } from './settings.ts';
