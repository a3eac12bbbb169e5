import { counted, formatMs } from './figures.ts';
import { hanging, type Page } from './layout.ts';
import type { Replay } from './result.ts';
import { renderTable, type Row } from './table.ts';
import { verdictWord } from './verdict-words.ts';

/** What a step hit, and when: one line of a comparison. */
export interface Blow {
  readonly id: string;
  readonly target: string;
  readonly role?: string | undefined;
  readonly effects: number;
  readonly afterMs: number;
  readonly landed: boolean;
}

/** A fault of a replay beside the same one of the earlier run. */
type ReplayedFault = Replay['faults'][number];

/** Compares what the steps hit in two runs, step by step. */
export function fidelityOf(
  steps: readonly { readonly id: string; readonly fault: string }[],
  then: ReadonlyMap<string, Blow>,
  now: ReadonlyMap<string, Blow>,
): ReplayedFault[] {
  return steps.map(({ id, fault }) => {
    const [before, after] = [then.get(id), now.get(id)];
    return {
      ...{ id, fault },
      ...(before === undefined ? {} : { then: blow(before) }),
      ...(after === undefined ? {} : { now: blow(after) }),
    };
  });
}

function blow({ target, role, effects, afterMs, landed }: Blow): ReplayedFault['now'] {
  return { target, ...(role === undefined ? {} : { role }), effects, afterMs, landed };
}

/** How faithfully the faults of an earlier run were injected again. */
export function renderReplay({ run, status, faults }: Replay, page: Page): string[] {
  const both = faults.flatMap(({ then, now }) => (then && now ? [{ then, now }] : []));
  const same = both.filter(({ then, now }) => then.target === now.target).length;
  const known = both.filter(({ then, now }) => then.role !== undefined && now.role !== undefined);
  const alike = known.filter(({ then, now }) => then.role === now.role).length;
  const outcome = status === undefined ? '' : ` (which came to ${verdictWord(status)})`;
  const roles = known.length === 0 ? '' : `; ${alike} of ${known.length} in the same role`;
  const title = `again what ${run} did${outcome}: ${same} of ${counted(faults.length, 'fault')} on the same target${roles}`;
  const headers = ['fault', 'then', 'now', 'difference'];
  const rows = faults.map((fault): Row => [
    { text: `${fault.id} ${fault.fault}` },
    { text: blowTold(fault.then) },
    { text: blowTold(fault.now) },
    differenceTold(fault),
  ]);
  return [
    ...hanging('replay: ', title, page.columns),
    ...(rows.length === 0
      ? []
      : [
          '',
          ...renderTable(
            headers.map((header) => ({ header })),
            rows,
            page,
          ),
        ]),
  ];
}

function blowTold(blow: ReplayedFault['now']): string {
  if (!blow) return 'never fired';
  const { target, role, effects, afterMs, landed } = blow;
  const where = role === undefined || role === target ? target : `${target} (${role})`;
  const missed = landed ? '' : ', did not land';
  return `${where}, ${counted(effects, 'effect')}, ${formatMs(afterMs)}${missed}`;
}

function differenceTold({ then, now }: ReplayedFault): {
  text: string;
  tone?: 'good' | 'unsure' | 'bad';
} {
  if (!then && !now) return { text: 'none: neither fired' };
  if (!then || !now) return { text: then ? 'NOT AGAIN' : 'only now', tone: 'bad' };
  const other = [
    ...(then.target === now.target ? [] : ['OTHER TARGET']),
    ...(otherRole(then, now) ? ['OTHER ROLE'] : []),
    ...(then.landed === now.landed ? [] : ['landed only once']),
  ];
  const [effects, ms] = [now.effects - then.effects, now.afterMs - then.afterMs];
  const when = [
    effects === 0 ? 'same progress' : `${counted(Math.abs(effects), 'effect')} ${later(effects)}`,
    `${formatMs(Math.abs(ms))} ${later(ms)}`,
  ];
  return { text: [...other, ...when].join(', '), tone: other.length === 0 ? 'good' : 'unsure' };
}

/** Where a node was hit by its name its role need not be known. */
function otherRole(then: Pick<Blow, 'role'>, now: Pick<Blow, 'role'>): boolean {
  return then.role !== undefined && now.role !== undefined && then.role !== now.role;
}

function later(difference: number): string {
  return difference < 0 ? 'earlier' : 'later';
}
