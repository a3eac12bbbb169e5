import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ManualTime } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { openMetricsPage } from './metrics-page.ts';
import { seriesOf } from './series.test-support.ts';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

test('every label set is there before anything happened, with the labels of the page', async () => {
  const page = await openMetricsPage({ group: 'g' });
  const states = { by: ['state'], sets: [{ state: 'a' }, { state: 'b' }] } as const;
  page.counter('understudy_x_total', 'X.', states);
  page.gauge('understudy_y', 'Y.', states);
  expect(await seriesOf(page)).toEqual({
    'understudy_x_total{state="a",group="g"}': 0,
    'understudy_x_total{state="b",group="g"}': 0,
    'understudy_y{state="a",group="g"}': 0,
    'understudy_y{state="b",group="g"}': 0,
  });
});

test('a metric with labels of which none is known yet has no series', async () => {
  const page = await openMetricsPage({});
  page.gauge('understudy_y', 'Y.', { by: ['state'], sets: [] }).set({ state: 'a' }, 1);
  expect(await seriesOf(page)).toEqual({ 'understudy_y{state="a"}': 1 });
});

test('two pages of one process have nothing in common', async () => {
  const [one, two] = [await openMetricsPage({}), await openMetricsPage({})];
  one.counter('understudy_x_total', 'X.').inc();
  two.counter('understudy_x_total', 'X.');
  expect(await seriesOf(two)).toEqual({ understudy_x_total: 0 });
});

test('what nobody tells of is looked at before each reading', async () => {
  const page = await openMetricsPage({});
  const gauge = page.gauge('understudy_y', 'Y.');
  let now = 1;
  page.beforeReading(() => gauge.set(now++));
  expect(await seriesOf(page)).toEqual({ understudy_y: 1 });
  expect(await seriesOf(page)).toEqual({ understudy_y: 2 });
});

test('a question that is answered or refused is asked again at the next reading', async () => {
  const page = await openMetricsPage({});
  const shown: (number | undefined)[] = [];
  let asked = 0;
  page.ask(
    () => (++asked === 2 ? Promise.reject(new Error('no')) : Promise.resolve(asked)),
    (answer) => void shown.push(answer),
  );
  for (let i = 0; i < 3; i++) await page.text();
  expect(shown).toEqual([1, undefined, 3]);
});

test('who does not answer delays a reading for a bounded time, and is not asked twice', async () => {
  const time = new ManualTime();
  const page = await openMetricsPage({}, time);
  const answer = Promise.withResolvers<number>();
  const shown: (number | undefined)[] = [];
  let asked = 0;
  page.ask(
    () => {
      asked += 1;
      return answer.promise;
    },
    (given) => void shown.push(given),
  );
  for (let i = 0; i < 2; i++) {
    const reading = page.text();
    time.advance(400);
    await reading;
  }
  expect([asked, shown]).toEqual([1, [undefined, undefined]]);
  answer.resolve(7);
  await page.text();
  expect([asked, shown[2], time.pending]).toEqual([1, 7, 0]);
});

test('a process without metrics loads no prom-client, and one with them only what is used', async () => {
  const script = `
    import { createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache);
    const count = (part) => loaded().filter((file) => file.includes(part)).length;
    const telemetry = await import('@understudy/telemetry');
    const before = count('prom-client');
    await telemetry.openNodeMetrics({ group: 'g', mode: 'm', node: 'n' });
    console.log(before, count('prom-client/lib/registry.js'), count('opentelemetry'));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: packageRoot },
  );
  expect(stdout).toBe('0 1 0\n');
});
