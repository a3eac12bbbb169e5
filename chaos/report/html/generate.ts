// `npm run report-page`: writes the script and the style of report.html from their sources. With
// `--check` it writes nothing, and ends with status 1 where they are not what the sources say.
import { writeFileSync } from 'node:fs';
import { ASSET_FILES, readAssets } from './assets.ts';
import { bundleAssets } from './bundle.ts';

const made = await bundleAssets();
if (!process.argv.includes('--check')) {
  writeFileSync(ASSET_FILES.script, made.script);
  writeFileSync(ASSET_FILES.style, made.style);
} else {
  const kept = readAssets();
  if (kept.script !== made.script || kept.style !== made.style) {
    process.stderr.write(
      'chaos/report/html/assets is not what its sources say: run `npm run report-page` and commit it.\n',
    );
    process.exitCode = 1;
  }
}
