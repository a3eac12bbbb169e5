import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest: begun last, one of them would run on alone. */
const LONG = [
  'test/e2e/experiments-active-passive.test.ts',
  'test/e2e/experiments-active-active.test.ts',
  'test/e2e/documented-commands.test.ts',
  'test/e2e/again.test.ts',
  'test/e2e/packages.test.ts',
  'test/e2e/stream-lane.test.ts',
  'test/e2e/foreign-worker.test.ts',
  'test/e2e/command-line.test.ts',
  'test/e2e/modes.test.ts',
  'chaos/report/html/client/page-in-browser.test.ts',
];

/** Test files in vitest's own order, but for the longest: they come first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONG.findIndex((name) => moduleId.endsWith(name));
      return rank === -1 ? LONG.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
