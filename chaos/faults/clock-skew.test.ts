import { expect, test } from 'vitest';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { clockSkew } from './clock-skew.ts';

type Inside = FaultyNode['inside'][number];

const BY_MS = 600_000;

/** A node whose clock is ahead by what is listed, in turn. */
function nodeThatReads(...aheadMs: readonly number[]): FaultyNode {
  const left = [...aheadMs];
  const inside: Inside = {
    pid: 7,
    ask(command) {
      const waitedMs = command.do === 'clock' ? command.inMs : 0;
      return Promise.resolve({ afterMs: waitedMs + 1, aheadMs: left.shift() ?? Number.NaN });
    },
  };
  const node: Pick<FaultyNode, 'pid' | 'inside' | 'insideWithin'> = {
    pid: 7,
    inside: [inside],
    insideWithin: () => Promise.resolve([inside]),
  };
  return node as FaultyNode;
}

const TO_AND_FRO = { byMs: BY_MS, everyMs: 100, forMs: 1000 };

test('a clock that jumps to and fro is watched until it is seen on the other side', async () => {
  const node = nodeThatReads(0, BY_MS, BY_MS, BY_MS, -BY_MS);
  const { seen, evidence } = await clockSkew.inject(node, TO_AND_FRO);
  expect(seen).toBe(true);
  expect(evidence).toMatch(
    /0 ms ahead of the lab's and is 600000 ms ahead.*then -600000 ms ahead$/,
  );
});

test('a clock that never jumps back has not been seen to', async () => {
  const node = nodeThatReads(0, ...Array.from({ length: 20 }, () => BY_MS));
  const { seen, evidence } = await clockSkew.inject(node, TO_AND_FRO);
  expect(seen).toBe(false);
  expect(evidence).toMatch(/(then 600000 ms ahead(, )?){5}$/);
});

test('a clock that jumps to where it should not has not been seen to', async () => {
  const node = nodeThatReads(0, BY_MS, ...Array.from({ length: 20 }, () => -1000));
  expect((await clockSkew.inject(node, TO_AND_FRO)).seen).toBe(false);
});
