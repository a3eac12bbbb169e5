import { describeExperiments } from './experiments.test-support.ts';

describeExperiments('active-active');
