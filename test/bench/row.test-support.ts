import type { Machine } from './machine.ts';
import type { Measured } from './measurement.ts';
import { type Row, rowOf } from './results.ts';

/** A machine that nobody has. */
export const MACHINE: Machine = {
  ...{ cpu: 'Abacus', cores: 2, memoryGib: 8, kernel: 'Linux 6.1' },
  ...{ node: '24.0.0', redis: '7.0.15' },
};

/** What a measurement may have come to. */
const MEASURED: Measured = {
  ours: '10 ms',
  peers: [{ name: 'RabbitMQ', figure: '12 ms' }],
  ratio: '0.83',
  n: 3,
  required: [{ text: 'p50 ≤ 15 ms', held: true }],
  aims: [{ text: 'p50 ≤ 5 ms', held: false }],
  configuration: { nodes: 3 },
  notes: ['the machine stood still for 3 ms'],
  values: { 'took, ms': [9, 10, 11], 'absent, ms': [] },
};

/** A row of it. */
export function row(
  name: string,
  measured: Partial<Measured> = {},
  { short = false, ...circumstances }: Partial<Row> & { short?: boolean } = {},
): Row {
  const when = { measuredAt: '2026-11-27T01:00:00.000Z', tookSeconds: 1, loadBefore: 0.5 };
  return rowOf(
    { name, what: `what ${name} is` },
    { ...MEASURED, ...measured },
    { ...when, machine: MACHINE, ...circumstances },
    short,
  );
}
