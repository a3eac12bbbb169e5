export { announceIncarnation, type AnnounceOptions } from './announce-incarnation.ts';
export type { BullmqLaneOptions } from './bullmq/bullmq-lane-options.ts';
export { bullmqLane } from './bullmq/bullmq-lane.ts';
export { bullmqProducer, type BullmqProducerOptions } from './bullmq/bullmq-producer.ts';
export type {
  Backlog,
  Completion,
  FetchedJob,
  IncarnationPresence,
  Lane,
  LaneTerm,
  Producer,
  Recovery,
  TakenJob,
  Told,
} from './lane.ts';
export { incarnationKeys } from './incarnation-keys.ts';
export { queueKeys } from './bullmq/queue-keys.ts';
export { type LaneScripts, scripts as laneScripts } from './bullmq/scripts.ts';
export { QueueFull } from './stream/errors.ts';
export { type StreamScripts, streamScripts } from './stream/scripts.ts';
export type { OrderKey } from './stream/stream-job.ts';
export {
  CONSUMER_GROUP,
  type StreamKeys,
  streamKeys,
  type StreamPlace,
} from './stream/stream-keys.ts';
export type { StreamLaneOptions } from './stream/stream-lane-options.ts';
export { streamLane } from './stream/stream-lane.ts';
export { streamProducer, type StreamProducerOptions } from './stream/stream-producer.ts';
