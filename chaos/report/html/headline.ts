import { counted } from '../figures.ts';
import { listed } from '../figures.ts';
import type { AnyVerdict } from '../verdict-words.ts';
import { conclusionOf } from '../verdict-words.ts';
import type { Told } from './reported-run.ts';

const KINDS: Readonly<Record<string, (total: number) => string>> = {
  duplicated: (n) => `${counted(n, 'job')} took effect more than once`,
  lost: (n) => `${counted(n, 'accepted job')} never took effect`,
  unexpected: (n) => `${counted(n, 'job')} took effect though nobody enqueued ${it(n)}`,
  mismatched: (n) => `${counted(n, 'effect')} ${are(n)} not of the job named`,
  vanished: (n) => `${counted(n, 'effect')} ${were(n)} seen and ${are(n)} gone`,
  inverted: (n) =>
    `${counted(n, 'job')} overtook an earlier one of ${n === 1 ? 'its' : 'their'} account`,
  'epoch-decreased': (n) => `${counted(n, 'effect')} ${were(n)} accepted from a leader of the past`,
  'no-epoch': (n) => `${counted(n, 'effect')} ${were(n)} accepted without an epoch`,
  'balance-differs': (n) => `${counted(n, 'balance')} ${n === 1 ? 'is' : 'are'} wrong`,
  'total-differs': () => 'the balances do not add up to the effects',
  'takeover-late': (n) => `${counted(n, 'takeover')} took longer than promised`,
  'takeover-missed': (n) => `${counted(n, 'takeover')} did not happen`,
  late: (n) => `${counted(n, 'job')} took effect later than promised`,
  'no-effect': (n) => `${counted(n, 'accepted job')} had no effect in time`,
};

/** What a run came to, in plain words: a word for the eye and a sentence for the reader. */
export function headlineOf(told: Told): { word: string; sentence: string } {
  const { status, checkers } = told;
  if (status !== 'fail') return { word: verdictTitle(status), sentence: sentenceOf(told) };
  const found = checkers
    .filter(({ verdict }) => verdict === 'fail')
    .flatMap(({ decidedBy = [], totals }) =>
      decidedBy.flatMap((kind) => KINDS[kind]?.(totals[kind] ?? 1) ?? []),
    );
  const sentence = found.length > 0 ? `${capital(listed(found))}.` : sentenceOf(told);
  return { word: verdictTitle(status), sentence };
}

/** A verdict as a title says it. A pass is no proof, and is not called one. */
export function verdictTitle(verdict: AnyVerdict): string {
  switch (verdict) {
    case 'pass':
      return 'Not refuted';
    case 'fail':
      return 'Refuted';
    case 'inconclusive':
      return 'Inconclusive';
    case 'interrupted':
      return 'Interrupted';
    case 'not-applicable':
      return 'Not judged';
  }
}

/** `text` as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentenceOf(told: Told): string {
  return `${capital(conclusionOf(told))}.`;
}

function it(n: number): string {
  return n === 1 ? 'it' : 'them';
}

function are(n: number): string {
  return n === 1 ? 'is' : 'are';
}

function were(n: number): string {
  return n === 1 ? 'was' : 'were';
}
