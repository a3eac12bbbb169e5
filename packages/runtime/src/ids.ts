import { randomBytes } from 'node:crypto';

/** Makes identifiers that no other process makes. A parameter, so that tests can name things. */
export type NewId = () => string;

/** 96 random bits as 16 URL-safe characters: `Zk3nB0x_9QyT1aLd`. */
export const randomId: NewId = () => randomBytes(12).toString('base64url');
