// What keeps and takes back the jobs of a BullMQ queue, whoever works on them:
// `@understudy/queue/take-back`. Nothing here loads BullMQ.
export { announceIncarnation } from './announce-incarnation.ts';
export { canonicalDigest } from './digest.ts';
export type { IncarnationPresence, Recovery } from './lane.ts';
export { OldestOutstanding } from './oldest-outstanding.ts';
export { RecoveryCall } from './recovery.ts';
export { scripts as laneScripts } from './scripts.ts';
