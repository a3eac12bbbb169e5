import { describe } from 'vitest';
import { behaveAsDescribed } from './experiments.test-support.ts';

// The modes are a file each, so that two fleets are at work at a time.
describe('in active-active each experiment behaves as its description says', () => {
  behaveAsDescribed('active-active');
});
