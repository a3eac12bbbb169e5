import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, run, saying } from './run.mjs';
import { replaceFile } from './stamp.mjs';

const DEFAULT_IMAGE = 'redis:7.4';
const ANSWER_LIMIT_MS = 10_000;

/**
 * Any machine with Docker: leaves a script that runs a container as if it were a redis-server.
 * @returns {string} `made`, or why this way is closed
 */
export function wrapDockerRedis(home, env) {
  if (!onPath(['docker'], env)) return 'docker: not on PATH';
  const info = run('docker', ['info'], { env, timeoutMs: ANSWER_LIMIT_MS });
  if (!info.ok) return `docker: does not answer:\n${info.tail}`;
  const image = env.REDIS_IMAGE || DEFAULT_IMAGE;
  if (!/^[\w./:@-]+$/.test(image)) return `docker: REDIS_IMAGE is not the name of an image`;
  if (!run('docker', ['image', 'inspect', image], { env }).ok) {
    const pull = saying(`pulling the container image ${image}`, () =>
      run('docker', ['pull', image], { env }),
    );
    if (!pull.ok) return `docker: ${image} could not be pulled:\n${pull.tail}`;
  }
  mkdirSync(join(home, 'bin'), { recursive: true });
  replaceFile(join(home, 'bin', 'redis-server'), wrapper(image), 0o755);
  return 'made';
}

/**
 * The port is published on the loopback interface alone, so inside the container the server may
 * listen everywhere. The data directory is mounted at its own path, because whoever starts the
 * server recognises it by that path. Of options given twice, Redis takes the last.
 */
function wrapper(image) {
  return `#!/bin/sh
# Made by scripts/setup.mjs: a container that behaves like a redis-server on this machine.
port=6379
dir=$PWD
name=
for argument; do
  case $name in
    --port) port=$argument ;;
    --dir) dir=$argument ;;
  esac
  name=$argument
done
[ "$name" = --version ] && exec docker run --rm --entrypoint redis-server '${image}' --version
dir=$(cd -- "$dir" && pwd -P) || exit 69
exec docker run --rm -i --label understudy=redis --user "$(id -u):$(id -g)" \\
  --publish "127.0.0.1:$port:$port" --volume "$dir:$dir" --workdir "$dir" \\
  --entrypoint redis-server '${image}' "$@" --dir "$dir" --bind 0.0.0.0 --protected-mode no
`;
}
