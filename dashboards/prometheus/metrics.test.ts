import { execFile } from 'node:child_process';
import {
  NODE_STATES,
  openLabMetrics,
  openNodeMetrics,
  openProducerMetrics,
} from '@understudy/telemetry';
import { expect, test } from 'vitest';
import { NODE_STATES as SHOWN_STATES } from '../grafana/node-states.ts';
import { describeWithPromtool, promtoolPath } from './promtool.test-support.ts';

const LABELS = { group: 'g', mode: 'active-passive' };

/** What `promtool check metrics` finds in a page; '' when it is content. */
function complaints(page: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(promtoolPath(), ['check', 'metrics'], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve(`${stdout}${stderr}`.trim());
    });
    child.stdin?.end(page);
  });
}

describeWithPromtool('promtool has nothing against', () => {
  test('the metrics of a node', async () => {
    const { page } = await openNodeMetrics({ ...LABELS, node: 'node-1' });
    expect(await complaints(await page.text())).toBe('');
  });

  test('the metrics of a producer', async () => {
    const { page } = await openProducerMetrics({ group: 'g' });
    expect(await complaints(await page.text())).toBe('');
  });

  test('the metrics of the lab', async () => {
    const faults = [{ fault: 'kill', target: 'leader' }];
    const { page } = await openLabMetrics(LABELS, { faults, checkers: ['outcome'] });
    expect(await complaints(await page.text())).toBe('');
  });

  test('and it does find what is wrong', async () => {
    expect(await complaints('# TYPE x counter\nx 1\n')).toMatch(/x/);
  });
});

test('the dashboard calls the states of a node as the nodes do', () => {
  expect(SHOWN_STATES.map(({ name }) => name)).toEqual([...NODE_STATES]);
  expect(SHOWN_STATES.map(({ value }) => value)).toEqual(NODE_STATES.map((_, value) => value));
});
