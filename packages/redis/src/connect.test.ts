import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connect, redactUrl } from './connect.ts';

test('a password never gets into what people see', () => {
  expect(redactUrl('rediss://user:secret@example.test:6380/2')).toBe(
    'rediss://example.test:6380/2',
  );
  expect(redactUrl('redis://127.0.0.1:6379')).toBe('redis://127.0.0.1:6379');
  expect(redactUrl('nonsense secret')).toBe('(not a URL)');
});

/** A server that is loading its data when it is asked first, and says that this will take long. */
async function loadingServer(): Promise<AsyncDisposable & { url: string }> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const info = (): string => {
    asked += 1;
    const text = `loading:${asked === 1 ? 1 : 0}\r\nloading_eta_seconds:3600\r\n`;
    return `$${text.length}\r\n${text}\r\n`;
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        socket.write(/info/i.test(command.split('\r\n')[1] ?? '') ? info() : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a server that loads its data is used when it has, not when it once thought it would', async () => {
  await using server = await loadingServer();
  const redis = connect(server.url, { purpose: 'command', name: 'test' });
  await new Promise((resolve) => redis.once('ready', resolve));
  redis.disconnect();
}, 8000);
