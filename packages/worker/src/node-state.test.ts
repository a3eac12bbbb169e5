import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NodeInput, type NodeMachine, transition } from './node-state.ts';

const start = (led: boolean): NodeMachine => ({ state: 'starting', led, token: null });
const signal = new AbortController().signal;
const term = (n: number): { epoch: number; term: string } => ({ epoch: n, term: `t${n}` });

function run(
  machine: NodeMachine,
  ...inputs: NodeInput[]
): { machine: NodeMachine; did: string[] } {
  const did: string[] = [];
  for (const input of inputs) {
    const next = transition(machine, input);
    machine = next.machine;
    did.push(...next.actions.map((action) => action.do));
  }
  return { machine, did };
}

test('a node of a led group stands by first, and works only once it is elected', () => {
  const passive = run(start(true), { type: 'ready' });
  expect(passive).toMatchObject({ machine: { state: 'passive' }, did: ['report', 'contend'] });
  const active = run(passive.machine, { type: 'elected', token: term(1), signal });
  expect(active).toMatchObject({ machine: { state: 'active' }, did: ['report', 'work'] });
});

test('a node of a leaderless group works as soon as it is ready', () => {
  expect(run(start(false), { type: 'ready' }).did).toEqual(['report', 'work']);
});

test('a late word of an old term does not depose the new one', () => {
  const { machine } = run(
    start(true),
    { type: 'ready' },
    { type: 'elected', token: term(1), signal },
    { type: 'deposed', token: term(1) },
    { type: 'elected', token: term(2), signal },
    { type: 'deposed', token: term(1) },
  );
  expect(machine).toMatchObject({ state: 'active', token: term(2) });
});

test('a node that is elected while it drains does not begin to work', () => {
  const { machine, did } = run(
    start(true),
    { type: 'ready' },
    { type: 'stop' },
    { type: 'elected', token: term(1), signal },
    { type: 'drained' },
    { type: 'left' },
  );
  expect(machine.state).toBe('stopped');
  expect(did).not.toContain('work');
});

const inputs = fc.array(
  fc.oneof(
    fc.constant<NodeInput>({ type: 'ready' }),
    fc.nat(3).map<NodeInput>((n) => ({ type: 'elected', token: term(n), signal })),
    fc.nat(3).map<NodeInput>((n) => ({ type: 'deposed', token: term(n) })),
    fc.constantFrom<NodeInput>({ type: 'stop' }, { type: 'drained' }, { type: 'left' }),
  ),
  { maxLength: 12 },
);

test('whatever happens, a led node works only with a token and leaves at most once', () => {
  fc.assert(
    fc.property(inputs, fc.boolean(), (sequence, led) => {
      let machine = start(led);
      let left = 0;
      for (const input of sequence) {
        const next = transition(machine, input);
        machine = next.machine;
        for (const action of next.actions) {
          if (action.do === 'leave') left += 1;
          if (action.do === 'work') expect(action.token !== null).toBe(led);
        }
        if (led && machine.state === 'active') expect(machine.token).not.toBeNull();
        if (machine.state === 'passive' || machine.state === 'stopped') {
          expect(machine.token).toBeNull();
        }
      }
      const drains = sequence.filter((input) => input.type === 'drained').length;
      expect(left).toBeLessThanOrEqual(drains);
    }),
  );
});
