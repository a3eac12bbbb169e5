import { expect, it } from 'vitest';
import { answersOf } from './answers.ts';
import { activeActive, activePassive, Handmade, uncoordinated } from './handmade.test-support.ts';
import { castOf } from './story-cast.ts';

function answers(runs: Partial<Parameters<typeof answersOf>[0]> = {}): string[] {
  const passive = activePassive({ kill: true });
  const all = { passive, active: activeActive(), uncoordinated: uncoordinated(), ...runs };
  return answersOf(all, castOf(all.passive)).map(({ answer }) => answer);
}

it('says what the standbys did while another led, and what they wait for', () => {
  const [idle] = answers();
  expect(idle).toContain('2 effects by node-1, 0 effects and 0 attempts by node-2 and node-3');
  expect(idle).toContain('40 ms after the kill node-2 committed its first effect');
});

it('does not speak of a takeover that was not observed', () => {
  const [idle] = answers({ passive: activePassive({ kill: false }) });
  expect(idle).toContain('not observed');
});

it('counts what reached the nodes twice and took effect once', () => {
  expect(answers()[1]).toContain(
    '1 job was enqueued twice, 2 jobs were attempted more than once (2 of them by two nodes), 1 duplicate was suppressed: no job took effect twice',
  );
});

it('names a job that a fault doubled, with its nodes, positions and the money', () => {
  const control = answers()[2];
  expect(control).toContain(
    '2 jobs of 3 took effect more than once, 1 of them although they were enqueued once',
  );
  expect(control).toContain('off by 13.50');
  expect(control).toContain(
    'p-4, enqueued once: 12.50 by node-1 at position 4 of the effect log, and again by node-2 at position 5',
  );
});

it('does not claim anything of a control in which nothing was doubled', () => {
  const quiet = new Handmade('uncoordinated').at(5).job('p-1', 'node-1').chronicle();
  expect(answers({ uncoordinated: quiet })[2]).toContain('Not observed');
});
