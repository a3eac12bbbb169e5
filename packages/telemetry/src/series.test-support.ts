import type { MetricsPage } from './metrics-page.ts';

/** What the page says, series by series: `name{label="value"}` and its value. */
export async function seriesOf(page: MetricsPage): Promise<Record<string, number>> {
  const lines = (await page.text()).split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );
}

/** Those of them that are not at 0. */
export async function changedIn(page: MetricsPage): Promise<Record<string, number>> {
  const all = Object.entries(await seriesOf(page));
  return Object.fromEntries(all.filter(([, value]) => value !== 0));
}
