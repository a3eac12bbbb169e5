// What keeps and takes back the jobs of a BullMQ queue, whoever works on them:
// `@understudy/queue/take-back`. Nothing here loads BullMQ.
export { announceIncarnation } from './announce-incarnation.ts';
export { canonicalDigest } from './digest.ts';
export type { IncarnationPresence, Recovery } from './lane.ts';
export { OldestOutstanding } from './bullmq/oldest-outstanding.ts';
export { RecoveryCall } from './bullmq/recovery.ts';
export { scripts as laneScripts } from './bullmq/scripts.ts';
