import { type Script, scriptOf } from '@understudy/redis';
import { invariant } from '@understudy/runtime';

/**
 * `script` with one line of it changed, so that the rest stays what really runs. A line that is not
 * there, or there twice, is a broken promise: the saboteur would remove nothing, or something else.
 */
export function changedScript(script: Script, line: RegExp, instead: string): Script {
  const lines = script.text.split('\n');
  const found = lines.filter((text) => line.test(text));
  invariant(found.length === 1, `${String(line)} is one line of the script, not ${found.length}`);
  return scriptOf(lines.map((text) => (text === found[0] ? instead : text)).join('\n'));
}
