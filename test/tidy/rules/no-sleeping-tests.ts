import { filesMatching, type Rule, TESTS } from '../tree.ts';

// `sleep(time, ...)` with a ManualTime takes no time.
const WAITING = /\b((setTimeout|setInterval|delay)\(|sleep\((?!time\b))/;

/** A test that sleeps is slow where the machine is fast, and wrong where it is slow. */
export const noSleepingTests: Rule = {
  claim: 'no test sleeps: it awaits what it waits for',
  findings(tree) {
    return filesMatching(tree, TESTS).flatMap(([path, text]) => {
      const found = WAITING.exec(text)?.[0];
      return found ? [`${path}: ${found}...: await the event, or move a ManualTime`] : [];
    });
  },
  offences: Object.fromEntries(
    ['setTimeout', 'delay', 'sleep'].map((name) => [
      name,
      { 'a.test.ts': `await ${name}(systemTimers, 100);` },
    ]),
  ),
};
