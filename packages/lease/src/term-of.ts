import { unreachable } from '@understudy/runtime';
import type { Stage } from './state.ts';

/** The term that a stage is about; undefined where it is about none. */
export function termOf(stage: Stage): string | undefined {
  switch (stage.name) {
    case 'leading':
      return stage.token.term;
    case 'minting':
      return stage.request.term;
    case 'acquiring':
    case 'stepping-down':
      return stage.term;
    case 'created':
    case 'standing-by':
    case 'stopped':
      return undefined;
    default:
      return unreachable(stage);
  }
}
