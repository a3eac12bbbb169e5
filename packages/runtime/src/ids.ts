import { randomBytes } from 'node:crypto';

/** Makes identifiers that no other process makes. A parameter, so that tests can name things. */
export type NewId = () => string;

/**
 * Some 96 random bits as 16 URL-safe characters: `Zk3nB0x_9QyT1aLd`. The first is a letter or a
 * digit, so that an identifier can be a name and a part of a key wherever those are checked.
 */
export const randomId: NewId = () => {
  const id = randomBytes(12).toString('base64url');
  return /^[-_]/.test(id) ? randomId() : id;
};
