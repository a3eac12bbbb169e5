import { readFileSync } from 'node:fs';
import type { PageAssets } from './page.ts';

/** Where the script and the style of a report are; made by `npm run report-page`. */
export const ASSET_FILES = {
  script: new URL('./assets/report.js', import.meta.url),
  style: new URL('./assets/report.css', import.meta.url),
} as const;

/** Reads what every report is shown with. */
export function readAssets(): PageAssets {
  return {
    script: readFileSync(ASSET_FILES.script, 'utf8'),
    style: readFileSync(ASSET_FILES.style, 'utf8'),
  };
}
