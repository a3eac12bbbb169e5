// `npm run dashboards`: writes grafana/understudy.json from its source. With `--check` it writes
// nothing, and ends with status 1 where the file is not what the source says.
import { readFileSync, writeFileSync } from 'node:fs';
import { dashboardText } from './grafana/dashboard.ts';
import { DASHBOARD_FILE } from './places.ts';

const text = dashboardText();
if (!process.argv.includes('--check')) {
  writeFileSync(DASHBOARD_FILE, text);
} else if (readFileSync(DASHBOARD_FILE, 'utf8') !== text) {
  process.stderr.write(
    'dashboards/grafana/understudy.json is not what its source says: run `npm run dashboards` and commit it.\n',
  );
  process.exitCode = 1;
}
