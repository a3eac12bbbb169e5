import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '@understudy/runtime';
import { rolldown } from 'rolldown';
import type { PageAssets } from './page.ts';

const CLIENT = fileURLToPath(new URL('./client/main.ts', import.meta.url));
const STYLE = new URL('./client/style.css', import.meta.url);

/**
 * Makes the script and the style of a report from their sources and uPlot. They are committed, so that
 * a report is made without a bundler, by an installed package too.
 */
export async function bundleAssets(): Promise<PageAssets> {
  const uplot = dirname(dirname(createRequire(import.meta.url).resolve('uplot')));
  const licence = readFileSync(join(uplot, 'LICENSE'), 'utf8').trim();
  await using bundle = await rolldown({ input: CLIENT, logLevel: 'warn' });
  const { output } = await bundle.generate({ format: 'iife', minify: true, comments: false });
  const [chunk] = output;
  const script = `/*! Contains uPlot:\n${licence}\n*/\n${chunk.code.trim()}\n`;
  invariant(!/<\/script|<!--/i.test(script), 'the script of a report would end its own element');
  const style = [
    readFileSync(join(uplot, 'dist', 'uPlot.min.css'), 'utf8').trim(),
    readFileSync(STYLE, 'utf8').trim(),
  ];
  return { script, style: `${style.join('\n')}\n` };
}
