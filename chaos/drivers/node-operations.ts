import type { OperationBody } from '@understudy/history';
import { unreachable } from '@understudy/runtime';
import type { ProtocolEvent } from './protocol.ts';

/** What is recorded of the end of one incarnation of a node, as the lab saw it. */
export function downOperation(node: string, incarnation: string, evidence: string): OperationBody {
  return { op: 'state', type: 'info', process: 'lab', node, incarnation, state: 'down', evidence };
}

/** What is recorded of something that a node says; nothing of what only the lab's own parts need. */
export function operationOf(
  event: ProtocolEvent,
  node: string,
  incarnation: string,
): OperationBody | undefined {
  const common = { process: node, node, incarnation };
  switch (event.event) {
    case 'ready':
    case 'recovered':
    case 'failpoint':
      return undefined;
    case 'state': {
      const { state, epoch, term } = event;
      return {
        ...common,
        op: 'state',
        type: 'info',
        state,
        ...(epoch === undefined ? {} : { epoch }),
        ...(term === undefined ? {} : { term }),
      };
    }
    case 'attempt':
      return { ...common, op: 'attempt', type: 'invoke', job: event.job, n: event.n };
    case 'parked':
      return {
        process: node,
        op: 'parked',
        type: 'info',
        job: event.job,
        reason: event.reason,
      };
    case 'ledger_regressed':
      return { process: node, op: 'store', type: 'info', event: 'regressed', runId: '' };
    default:
      return unreachable(event);
  }
}
