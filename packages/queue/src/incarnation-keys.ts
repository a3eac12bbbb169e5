import type { GroupKeys } from '@understudy/redis';

/** The keys in which a group's incarnations are kept; announce.lua and absence.lua say how. */
export function incarnationKeys({ incarnations }: Pick<GroupKeys, 'incarnations'>) {
  return {
    registered: incarnations,
    absent: `${incarnations}:absent`,
    server: `${incarnations}:server`,
    due: `${incarnations}:due`,
  } as const;
}
