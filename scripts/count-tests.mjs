// `node scripts/count-tests.mjs <results>`: the last line of CI. Reads the JSON that vitest wrote of
// its run, prints `N passed, N failed`, and fails where a test failed, was skipped, or none ran.
import { readFileSync } from 'node:fs';

const results = read(process.argv[2]);
if (results) {
  const { passed, failed, skipped } = count(results);
  const skippedToo = skipped > 0 ? `, ${skipped} skipped` : '';
  if (skipped > 0) process.stderr.write('A skipped test proves nothing: run it or delete it.\n');
  process.stdout.write(`${passed} passed, ${failed} failed${skippedToo}\n`);
  if (failed > 0 || skipped > 0 || passed === 0) process.exitCode = 1;
} else {
  process.stderr.write('The tests did not run to their end: there is nothing to count.\n');
  process.exitCode = 1;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function count({
  success,
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests,
  testResults,
}) {
  // A file that could not be loaded, or that leaves something behind, has no failed test to show.
  const files = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = numFailedTests + files;
  return {
    passed: numPassedTests,
    failed: success ? failed : Math.max(failed, 1),
    skipped: numPendingTests + numTodoTests,
  };
}
