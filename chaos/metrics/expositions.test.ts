import { expect, test } from 'vitest';
import { mergeExpositions } from './expositions.ts';

const page = (node: string): string => `# HELP jobs_total Jobs.
# TYPE jobs_total counter
jobs_total{node="${node}"} 3

# HELP up Whether.
# TYPE up gauge
up{node="${node}"} 1
`;

test('a metric of several pages is described once, and its series stand together', () => {
  expect(mergeExpositions([page('a'), page('b')])).toBe(`# HELP jobs_total Jobs.
# TYPE jobs_total counter
jobs_total{node="a"} 3
jobs_total{node="b"} 3
# HELP up Whether.
# TYPE up gauge
up{node="a"} 1
up{node="b"} 1
`);
});

test('a page that is alone keeps what it says, and no pages are an empty one', () => {
  expect(mergeExpositions([page('a')])).toBe(page('a').replaceAll('\n\n', '\n'));
  expect(mergeExpositions([])).toBe('');
});
