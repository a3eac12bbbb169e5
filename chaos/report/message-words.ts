import type { Operation } from '@understudy/history';
import { unreachable } from '@understudy/runtime';
import { eventText } from './event-lines.ts';
import { counted, formatCents, formatCount, listed } from './figures.ts';
import type { Entry, OtherEffects } from './timeline.ts';

/** Who said or did something, and what it was. */
export interface Message {
  readonly who: string;
  readonly what: string;
  /** Between whom it passed; twice the same: it concerns that one alone. */
  readonly from?: string;
  readonly to?: string;
}

const LONGEST_ID = 12;
const SHORT_ID = 8;

/** An id as people read it: its beginning, by which it is found in the history. */
function shortId(id: string): string {
  return id.length > LONGEST_ID ? id.slice(0, SHORT_ID) : id;
}

/** An entry of a timeline in words. */
export function messageOf(entry: Entry): Message {
  if (entry.kind === 'others') {
    const { effects } = entry;
    const [first] = effects;
    const from = effects.length === 1 && first ? first.node : 'ledger';
    return { who: 'ledger', what: othersTold(effects), from, to: 'ledger' };
  }
  const { operation } = entry;
  return { who: operation.process, what: told(operation), ...betweenWhom(operation) };
}

/** Who sent something to whom. The queue is where jobs are; it records nothing of its own. */
function betweenWhom(op: Operation): { from: string; to: string } {
  const alone = (who: string): { from: string; to: string } => ({ from: who, to: who });
  switch (op.op) {
    case 'enqueue':
      if (op.type === 'invoke') return { from: op.process, to: 'queue' };
      return op.type === 'info' ? alone(op.process) : { from: 'queue', to: op.process };
    case 'attempt':
      return { from: 'queue', to: op.node };
    case 'effect':
      return { from: op.node, to: 'ledger' };
    case 'state':
      return alone(op.node);
    case 'fault':
      return op.phase === 'refused' ? alone(op.process) : { from: op.process, to: op.target };
    case 'parked':
      return alone('queue');
    case 'vanished':
    case 'store':
      return alone('ledger');
    case 'stall':
    case 'health':
    case 'end':
      return alone(op.process);
    default:
      return unreachable(op);
  }
}

function told(op: Operation): string {
  switch (op.op) {
    case 'enqueue': {
      const again = (op.copy ?? 1) > 1 ? ' a second time, on purpose' : '';
      const why = op.error === undefined ? '' : `: ${op.error}`;
      if (op.type === 'invoke') return `enqueues ${op.job}${again}`;
      if (op.type === 'ok') return `${op.job} is in the queue${again}`;
      if (op.type === 'fail') return `${op.job} is certainly not in the queue${why}`;
      return `whether ${op.job} is in the queue is not known${why}`;
    }
    case 'attempt':
      return `attempt ${op.n} at ${op.job}${bracketed(incarnationTold(op.incarnation))}`;
    case 'effect': {
      const amount =
        op.amountCents === undefined
          ? ''
          : `, ${formatCents(op.amountCents)}${op.account === undefined ? '' : ` to ${op.account}`}`;
      const late = op.source === 'final' ? '; found only by the read at the end' : '';
      const by = [op.node, ...incarnationTold(op.incarnation), ...tenureTold(op)].join(', ');
      return `EFFECT of ${op.job} at position ${formatCount(op.position)} by ${by}${amount}${late}`;
    }
    case 'state': {
      const evidence = op.evidence === undefined ? '' : `: ${op.evidence}`;
      const own = [...tenureTold(op), ...incarnationTold(op.incarnation)];
      const whose = op.process === op.node ? '' : `${op.node} `;
      return `${whose}is ${op.state}${bracketed(own)}${evidence}`;
    }
    case 'end':
      return `the end: ${counted(op.pendingJobs.length, 'job')} still queued, ${formatCount(op.parkedJobs.length)} parked, ${formatCount(op.entriesRead)} of ${formatCount(op.entriesAdded)} entries of the effect log read`;
    default:
      return eventText(op) ?? op.op;
  }
}

/** The epoch and term somebody holds, as far as they were said. */
export function tenureTold(holder: {
  readonly epoch?: number | undefined;
  readonly term?: string | undefined;
}): string[] {
  return [
    ...(holder.epoch === undefined ? [] : [`epoch ${holder.epoch}`]),
    ...(holder.term === undefined ? [] : [`term ${shortId(holder.term)}`]),
  ];
}

/** Which start of a node it is, as far as it was said. */
export function incarnationTold(incarnation: string | undefined): string[] {
  return incarnation === undefined ? [] : [`incarnation ${shortId(incarnation)}`];
}

/** ` (a, b)`, or nothing where there is nothing to say. */
export function bracketed(parts: readonly string[]): string {
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function othersTold(effects: readonly OtherEffects[]): string {
  const total = effects.reduce((sum, { count }) => sum + count, 0);
  const from = Math.min(...effects.map((each) => each.from));
  const to = Math.max(...effects.map((each) => each.to));
  const span = `${formatCount(from)} to ${formatCount(to)}`;
  const where = from === to ? `position ${formatCount(from)}` : `positions ${span}`;
  const alone = effects.length === 1;
  const by = effects.map(
    ({ node, epoch, count }) =>
      `${alone ? '' : `${formatCount(count)} `}by ${node}${bracketed(tenureTold({ epoch }))}`,
  );
  const what = total === 1 ? 'effect of another job' : 'effects of other jobs';
  return `${formatCount(total)} ${what}${alone ? ' ' : ': '}${listed(by)}; ${where}`;
}
