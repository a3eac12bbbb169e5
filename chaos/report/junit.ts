import type { Case, Suite } from './suite.ts';

/**
 * Suites as the XML of JUnit, as most CI systems read it. `failed` is a failure, `unclear` an error
 * (an inconclusive run must not be green), what does not apply is skipped.
 * @param name of the whole document
 */
export function renderJunit(name: string, suites: readonly Suite[]): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...totals(suites) })}>`,
    ...suites.flatMap(renderSuite),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function renderSuite(suite: Suite): string[] {
  const { name, classname, startedAt, cases, properties } = suite;
  const told = Object.entries(properties).map(
    ([key, value]) => `      <property${attributes({ name: key, value })}/>`,
  );
  return [
    `  <testsuite${attributes({ name, ...totals([suite]), timestamp: startedAt })}>`,
    ...(told.length === 0 ? [] : ['    <properties>', ...told, '    </properties>']),
    ...cases.flatMap((each) => renderCase(each, classname)),
    '  </testsuite>',
  ];
}

const ELEMENTS = { failed: 'failure', unclear: 'error' } as const;

function renderCase({ name, outcome }: Case, classname: string): string[] {
  const head = `    <testcase${attributes({ name, classname })}`;
  if (outcome.kind === 'passed') return [`${head}/>`];
  const { kind, message, type, detail } = outcome;
  if (kind === 'skipped') {
    return [`${head}>`, `      <skipped${attributes({ message })}/>`, '    </testcase>'];
  }
  const element = ELEMENTS[kind];
  const text = escaped(detail.join('\n'));
  return [
    `${head}>`,
    `      <${element}${attributes({ message, type })}>${text}</${element}>`,
    '    </testcase>',
  ];
}

function totals(suites: readonly Suite[]): Record<string, string> {
  const kinds = suites.flatMap(({ cases }) => cases.map(({ outcome }) => outcome.kind));
  const count = (kind: (typeof kinds)[number]): string =>
    String(kinds.filter((each) => each === kind).length);
  const totalMs = suites.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  return {
    tests: String(kinds.length),
    failures: count('failed'),
    errors: count('unclear'),
    skipped: count('skipped'),
    time: (totalMs / 1000).toFixed(3),
  };
}

function attributes(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapedValue(value)}"`))
    .join('');
}

/** In an attribute a line break would be read as a space. */
function escapedValue(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** What XML 1.0 cannot hold at all, not even as a reference. */
const UNSPEAKABLE = /[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replaceAll(UNSPEAKABLE, '\u{FFFD}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
