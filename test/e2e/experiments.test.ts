import { describe } from 'vitest';
import { behaveAsDescribed } from './experiments.test-support.ts';

describe.concurrent('each experiment behaves as its description says', () => {
  behaveAsDescribed('active-passive');
  behaveAsDescribed('active-active');
});
