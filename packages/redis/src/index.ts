export { commandConnection, type CommandConnection } from './command-connection.ts';
export { connect, type ConnectOptions, redactUrl } from './connect.ts';
export type { ConnectionPurpose } from './connection-purpose.ts';
export { type ConnectionHealth, ConnectionWatch } from './connection-watch.ts';
export { InvalidName, RedisServerFailed } from './errors.ts';
export { findRedisServer, type FoundServer } from './find-server.ts';
export { assertName, type GroupKeys, groupKeys } from './keys.ts';
export {
  freePort,
  type LaunchOptions,
  launchRedisServer,
  type Persistence,
  type RedisServer,
} from './launch-server.ts';
export { loadScript, runScript, type Script, type ScriptArgument, scriptOf } from './script.ts';
