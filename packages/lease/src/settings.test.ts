import { describe, expect, test } from 'vitest';
import { createLease } from './create-lease.ts';
import { InvalidLeaseSettings } from './errors.ts';
import { driftMs, leaseSettings } from './settings.ts';

describe('the settings of a lease', () => {
  test('nothing given is a TTL of two seconds and all that follows from it', () => {
    expect(leaseSettings({})).toEqual({
      ttlMs: 2000,
      pollMs: 10,
      heartbeatMs: 50,
      silenceMs: 500,
      graceMs: 2000,
      commandTimeoutMs: 300,
      presence: true,
    });
  });

  test('a short TTL shortens what must stay below it', () => {
    const settings = leaseSettings({ ttlMs: 300 });
    expect(settings).toMatchObject({ silenceMs: 300, commandTimeoutMs: 50 });
  });

  test('every fault is named at once', () => {
    const given = { ttlMs: 1000.5, pollMs: 0, silenceMs: 60, commandTimeoutMs: 900 };
    expect(() => leaseSettings(given)).toThrow(InvalidLeaseSettings);
    expect(() => leaseSettings(given)).toThrow(
      /ttlMs must be.*1000\.5; pollMs must be.*; commandTimeoutMs \(900\).*; silenceMs \(60\)/,
    );
    expect(() => leaseSettings({ silenceMs: 3000 })).toThrow(
      /silenceMs \(3000\) must not be above/,
    );
  });

  test('a lease without lock nodes is refused before it connects to anything', () => {
    const store = {
      runId: undefined,
      lastAnswerMs: 0,
      readEpoch: () => Promise.reject(new Error('never asked')),
      mint: () => Promise.reject(new Error('never asked')),
      onReady: () => () => undefined,
    };
    const options = { group: 'g', nodeId: 'n', incarnation: 'i', store, onChange: () => undefined };
    expect(() => createLease({ ...options, lockUrls: [] })).toThrow(/lockUrls is empty/);
  });

  test('L2: a holder gives up more of its TTL than clocks and Redis lose', () => {
    expect(driftMs(2000)).toBe(22);
    expect(driftMs(100)).toBe(3);
  });
});
