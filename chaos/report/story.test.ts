import { describe, expect, it } from 'vitest';
import { activeActive, activePassive, Handmade } from './handmade.test-support.ts';
import { tellStory } from './story.ts';

const NOT_OBSERVED = 'not observed';

describe('the table', () => {
  const { steps, cast } = tellStory(activePassive({ kill: true }), activeActive());

  it('shows the node that led first and the one that took over from it', () => {
    expect([cast.lead, cast.understudy]).toEqual(['node-1', 'node-2']);
  });

  it('step 1: the leader processes while the other stands by', () => {
    expect(steps[0]).toEqual({
      ...{ step: 1, lead: 'active', understudy: 'passive' },
      ...{ condition: 'node-1 holds the lease, epoch 1', action: 'node-1 processes' },
      output: '2 effects by node-1',
    });
  });

  it('step 2: the leader is down and its successor takes over', () => {
    expect(steps[1]).toEqual({
      ...{ step: 2, lead: 'down', understudy: 'active' },
      condition: 'node-1 lost the lease: killed at 1.0 s',
      action: 'node-2 takes over in 40 ms, epoch 2',
      output: '2 effects by node-2',
    });
  });

  it('step 3: all nodes process in active-active', () => {
    expect(steps[2]).toMatchObject({
      lead: 'active',
      understudy: 'active',
      action: 'both process',
    });
    expect(steps[2]?.output).toBe('effects by node-1 (1), node-2 (1) and node-3 (1)');
  });

  it('step 4: an attempt cut off by a kill is no suppressed duplicate, a second copy is', () => {
    expect(steps[3]).toMatchObject({ lead: 'conflict check', understudy: 'conflict check' });
    expect(steps[3]?.condition).toBe('the same job reaches two nodes: 2 jobs');
    expect(steps[3]?.output).toBe('one effect each, 1 duplicate suppressed');
  });

  it('step 5: after the last heal processing goes on and the load is shared', () => {
    expect(steps[4]).toMatchObject({ lead: 'running', understudy: 'running' });
    expect(steps[4]?.output).toMatch(/^available, load shared: effects by/);
  });
});

it('step 1 ends with the fault that was injected first, whichever landed first', () => {
  const history = new Handmade('active-passive').at(5).state('node-2', 'passive');
  history.at(10).state('node-1', 'active', 1).job('p-1', 'node-1', 1);
  history.at(30).fault('f1', 'kill', 'node-1', 'inject');
  history.at(40).state('node-2', 'active', 2).at(50).job('p-2', 'node-2', 2);
  // The lab sees a process gone late where the machine is busy, and its next fault lands before.
  history.at(60).fault('f2', 'pause', 'node-2', 'inject').fault('f2', 'pause', 'node-2', 'landed');
  history.at(70).fault('f1', 'kill', 'node-1', 'landed').state('node-1', 'down');
  const { steps } = tellStory(history.chronicle(), activeActive());
  expect(steps[0]).toMatchObject({ lead: 'active', understudy: 'passive' });
  expect(steps[0]?.output).toBe('1 effect by node-1');
  expect(steps[1]).toMatchObject({ understudy: 'active', output: '1 effect by node-2' });
});

describe('what a history does not show', () => {
  it('reads not observed in step 2 when the kill is taken out of the schedule', () => {
    const { steps, tracker } = tellStory(activePassive({ kill: false }), activeActive());
    const { step, ...cells } = steps[1] ?? {};
    expect(step).toBe(2);
    expect(new Set(Object.values(cells))).toEqual(new Set([NOT_OBSERVED]));
    expect(tracker[2]).toMatchObject({ lead: NOT_OBSERVED, processing: NOT_OBSERVED });
    expect(steps[0]).toMatchObject({ lead: 'active', output: '3 effects by node-1' });
  });

  it('reads not observed everywhere in two empty histories', () => {
    const empty = tellStory(
      new Handmade('active-passive').chronicle(),
      new Handmade('active-active').chronicle(),
    );
    for (const { step, ...cells } of empty.steps) {
      expect([step, ...new Set(Object.values(cells))]).toEqual([step, NOT_OBSERVED]);
    }
  });

  it('does not call a takeover what has no effect under a higher epoch', () => {
    const history = new Handmade('active-passive').at(10).state('node-1', 'active', 1);
    history.at(20).job('p-1', 'node-1', 1).at(30).fault('f1', 'kill', 'node-1', 'inject');
    history.at(40).fault('f1', 'kill', 'node-1', 'landed').state('node-1', 'down');
    const { steps } = tellStory(
      history.at(50).state('node-2', 'active', 2).chronicle(),
      activeActive(),
    );
    expect(steps[1]?.action).toBe(NOT_OBSERVED);
  });

  it('does not take a kill that was refused for one that landed', () => {
    const history = new Handmade('active-passive').at(10).state('node-1', 'active', 1);
    history.at(30).fault('f1', 'kill', 'node-1', 'inject').fault('f1', 'kill', 'node-1', 'refused');
    history.at(50).state('node-2', 'active', 2).job('p-1', 'node-2', 2);
    expect(tellStory(history.chronicle(), activeActive()).steps[1]?.condition).toBe(NOT_OBSERVED);
  });
});

describe('the columns', () => {
  it('are named after the killed leader and its successor, whichever nodes they are', () => {
    const history = new Handmade('active-passive').at(10).state('node-3', 'active', 4);
    history.at(20).job('p-1', 'node-3', 4).at(30).fault('f1', 'kill', 'node-3', 'inject');
    history.at(33).fault('f1', 'kill', 'node-3', 'landed').state('node-3', 'down');
    history.at(50).state('node-1', 'active', 5).job('p-2', 'node-1', 5);
    const { cast, steps } = tellStory(history.chronicle(), activeActive());
    expect([cast.lead, cast.understudy]).toEqual(['node-3', 'node-1']);
    expect(steps[1]?.action).toBe('node-1 takes over in 20 ms, epoch 5');
  });
});

describe('the tracker', () => {
  it('says who was what, and who processed, at each moment', () => {
    const { tracker } = tellStory(activePassive({ kill: true }), activeActive());
    expect(tracker.map((row) => Object.values(row).join(' | '))).toEqual([
      'start | active | passive | nobody yet',
      'after step 1 | active | passive | node-1',
      'after step 2 | down | active | node-2',
      'after step 3 | active | active | node-1, node-2 and node-3',
      'final | active | active | node-1, node-2 and node-3',
    ]);
  });
});
