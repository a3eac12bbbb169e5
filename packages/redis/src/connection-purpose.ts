/**
 * What a connection is for decides how it behaves in trouble.
 *
 * - `command`: locks and commits. Fails at once while disconnected and is executed at most once:
 *   nothing is queued, nothing is sent again. A rejection means "outcome unknown".
 * - `queue`: BullMQ's own. Waits for ever and sends again after a reconnect, as BullMQ demands.
 * - `subscribe`: pub/sub presence. Reconnects and subscribes again by itself.
 * - `observe`: reading by the lab. Retries until the server is back.
 */
export type ConnectionPurpose = 'command' | 'queue' | 'subscribe' | 'observe';
