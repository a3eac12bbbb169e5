import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ANOMALIES,
  type AnomalyKind,
  exactlyOnce,
  failOverWithin,
  keepsOrder,
  landed,
  oneEffectiveLeader,
  refutedBy,
} from './assertion.ts';
import { checker, doubled, inconclusive, passed } from './results.test-support.ts';

describe('exactly once', () => {
  it('holds where outcome and conservation do', () => {
    expect(exactlyOnce(passed()).kind).toBe('holds');
  });

  it('fails where a job took effect twice, and where balances are off', () => {
    expect(exactlyOnce(doubled()).kind).toBe('fails');
    const off = checker('conservation', 'fail', 'balance-differs');
    expect(exactlyOnce(passed({ status: 'fail', checkers: [off] })).kind).toBe('fails');
  });

  it('holds in a run that was refuted by a late takeover alone', () => {
    const late = checker('liveness', 'fail', 'takeover-late');
    const checkers = [checker('outcome', 'pass'), checker('landed', 'pass'), late];
    expect(exactlyOnce(passed({ status: 'fail', checkers })).kind).toBe('holds');
  });

  it('is unknown in a run refuted by something else while its faults did not land', () => {
    const late = checker('liveness', 'fail', 'late');
    const missed = checker('landed', 'inconclusive', 'not-landed');
    const checkers = [checker('outcome', 'pass'), missed, late];
    expect(exactlyOnce(passed({ status: 'fail', checkers })).kind).toBe('unknown');
  });

  it('fails whether the faults landed or not, once a job was doubled', () => {
    const checkers = [
      checker('outcome', 'fail', 'duplicated'),
      checker('landed', 'inconclusive', 'not-landed'),
    ];
    expect(exactlyOnce(doubled({ checkers })).kind).toBe('fails');
  });
});

describe('one effective leader', () => {
  it('follows the fencing checker', () => {
    expect(oneEffectiveLeader(passed()).kind).toBe('holds');
    const fenced = [checker('fencing', 'fail', 'epoch-decreased')];
    expect(oneEffectiveLeader(passed({ status: 'fail', checkers: fenced })).kind).toBe('fails');
  });

  it('is unknown where nobody leads', () => {
    const checkers = [checker('outcome', 'pass'), checker('fencing', 'not-applicable')];
    expect(oneEffectiveLeader(passed({ mode: 'active-active', checkers })).kind).toBe('unknown');
  });
});

describe('order', () => {
  const withCounts = (counts: object): ReturnType<typeof passed> => {
    const run = passed();
    return { ...run, counts: run.counts && { ...run.counts, ...counts } };
  };

  it('is judged also where the lane promises none, because the test asks', () => {
    const checkers = [...passed().checkers, checker('order', 'not-applicable')];
    expect(keepsOrder({ ...withCounts({ inversions: 0 }), checkers }).kind).toBe('holds');
    expect(keepsOrder({ ...withCounts({ inversions: 2 }), checkers }).kind).toBe('fails');
  });

  it('is unknown where nothing could be out of order', () => {
    expect(keepsOrder(withCounts({ compared: 0 })).kind).toBe('unknown');
    expect(keepsOrder(withCounts({ effects: 0 })).kind).toBe('unknown');
    const blind = [checker('order', 'inconclusive', 'no-effect')];
    expect(keepsOrder(passed({ checkers: blind })).kind).toBe('unknown');
  });
});

describe('failing over in time', () => {
  it('compares each takeover with the limit of the test', () => {
    expect(failOverWithin(passed(), 38).kind).toBe('holds');
    expect(failOverWithin(passed(), 37).kind).toBe('fails');
  });

  it('fails when nobody took over', () => {
    const checkers = [checker('liveness', 'fail', 'takeover-missed')];
    expect(failOverWithin(passed({ status: 'fail', takeovers: [], checkers }), 500).kind).toBe(
      'fails',
    );
  });

  it('is unknown where there was nothing to take over, or only what is excused', () => {
    expect(failOverWithin(passed({ takeovers: [] }), 500).kind).toBe('unknown');
    const excused = passed().takeovers.map((each) => ({ ...each, excused: 'another fault came' }));
    expect(failOverWithin(passed({ takeovers: excused }), 500).kind).toBe('unknown');
  });
});

describe('being refuted', () => {
  it('names the anomaly that did it', () => {
    expect(refutedBy(doubled(), 'duplicated').kind).toBe('holds');
    expect(refutedBy(doubled(), 'lost').kind).toBe('fails');
    expect(refutedBy(passed(), 'duplicated').kind).toBe('fails');
  });

  it('is so whether the faults landed or not; that it is not so needs them', () => {
    const missed = checker('landed', 'inconclusive', 'not-landed');
    const run = doubled({ checkers: [checker('outcome', 'fail', 'duplicated'), missed] });
    expect(refutedBy(run, 'duplicated').kind).toBe('holds');
    expect(refutedBy(run, 'lost').kind).toBe('unknown');
  });

  it('does not accept an anomaly that no checker knows, in either polarity', () => {
    expect(refutedBy(doubled(), 'duplciated' as AnomalyKind).kind).toBe('unknown');
  });

  it('knows every anomaly that the checkers know', () => {
    const folder = new URL('../../../chaos/checker/', import.meta.url);
    const sources = readdirSync(folder).filter((name) => /^[a-z-]+\.ts$/.test(name));
    const text = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const failing = /(?:#fail|#report|#late|add\('fail', )\(?\{?(?: kind: )?'([a-z: -]+)'/g;
    const found = [...text.matchAll(failing)].map(([, kind]) => kind ?? '');
    expect(found.length).toBeGreaterThan(8);
    expect(found.filter((kind) => !ANOMALIES.includes(kind as AnomalyKind))).toEqual([]);
    expect(ANOMALIES.filter((kind) => !text.includes(`'${kind}'`))).toEqual([]);
  });
});

describe('landing', () => {
  it('needs every fault of that name, and one at least', () => {
    expect(landed(passed(), 'kill').kind).toBe('holds');
    expect(landed(passed(), 'pause').kind).toBe('fails');
    const faults = passed().faults.map((fault) => ({ ...fault, landed: false }));
    expect(landed(passed({ faults }), 'kill').kind).toBe('fails');
  });
});

it('nothing is known of a run that is inconclusive or was interrupted', () => {
  for (const run of [inconclusive(), passed({ status: 'interrupted', checkers: [] })]) {
    const all = [
      exactlyOnce(run),
      oneEffectiveLeader(run),
      keepsOrder(run),
      failOverWithin(run, 500),
      refutedBy(run, 'duplicated'),
      landed(run, 'kill'),
    ];
    expect(all.map(({ kind }) => kind)).toEqual(all.map(() => 'unknown'));
  }
});
