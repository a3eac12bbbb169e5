// What every worker of a group is made of, whatever fetches its jobs: `@understudy/worker/node`.
// Nothing here loads BullMQ.
export { InvalidCredit } from './errors.ts';
export { type NodeState, stateEvent, type WorkerEvent } from './events.ts';
export { leaseLog } from './lease-log.ts';
export { type NodeAction, type NodeInput, type NodeMachine, transition } from './node-state.ts';
export { repeat } from './periodic.ts';
export { createStaging } from './staging.ts';
export { telling } from './telling.ts';
