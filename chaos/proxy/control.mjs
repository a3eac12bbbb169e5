// Run within a proxy's container: hands on what comes on standard input to the proxy's control socket,
// and prints what it answers, until either end closes. With --health it only waits for the greeting.
import { connect } from 'node:net';
import process from 'node:process';

const socket = connect(process.env.PROXY_CONTROL ?? '/tmp/understudy-proxy.sock');
socket.once('error', ({ message }) => {
  process.stderr.write(`the proxy takes no orders: ${message}\n`);
  process.exit(1);
});
if (process.argv.includes('--health')) socket.once('data', () => process.exit(0));
else {
  socket.pipe(process.stdout);
  process.stdin.pipe(socket);
  // Standard input is not the socket's to close; without this the process would wait for it.
  socket.once('close', () => process.exit(0));
}
