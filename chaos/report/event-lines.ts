import { unreachable } from '@understudy/runtime';
import type { Operation } from '@understudy/history';
import type { LabEvent } from '../runner/events.ts';
import { formatMoment, formatMs } from './figures.ts';
import { printable } from './layout.ts';

/**
 * One line about an event, or none where there are too many of its kind (jobs enqueued, attempts,
 * effects: the line of progress counts them). For where no picture can be repainted.
 */
export function eventLine(event: LabEvent): string | undefined {
  const text = event.type === 'phase' ? `${event.phase}: ${event.detail}` : eventText(event);
  return text === undefined
    ? undefined
    : `${formatMoment(event.at).padStart(7)}  ${printable(text)}`;
}

/** An operation in a sentence; none where there are too many of its kind. */
export function eventText(op: Operation): string | undefined {
  switch (op.op) {
    case 'enqueue':
      return op.type === 'fail' ? `enqueueing ${op.job} was refused` : undefined;
    case 'attempt':
    case 'effect':
      return undefined;
    case 'state': {
      const epoch = op.epoch === undefined ? '' : ` (epoch ${op.epoch})`;
      const evidence = op.state === 'down' && op.evidence ? `: ${op.evidence}` : '';
      return `${op.node} is ${op.state}${epoch}${evidence}`;
    }
    case 'fault': {
      const requested = op.requested === op.target ? '' : ` (${op.role ?? op.requested})`;
      const evidence = op.evidence ? `: ${op.evidence}` : '';
      return `fault ${op.id} ${op.fault} ${op.target}${requested} ${op.phase}${evidence}`;
    }
    case 'vanished':
      return `effect ${op.position} of ${op.job} was seen and is gone`;
    case 'store':
      return `the ledger's store was ${op.event === 'restarted' ? 'restarted' : 'set back'}`;
    case 'parked':
      return `${op.job} was parked: ${op.reason}`;
    case 'stall':
      return `the lab itself stalled for ${formatMs(op.durationMs)}`;
    case 'health':
      return `${op.healthy ? 'healthy' : 'NOT healthy'} ${op.phase.replaceAll('-', ' ')}: ${op.detail}`;
    case 'end':
      return undefined;
    default:
      return unreachable(op);
  }
}
