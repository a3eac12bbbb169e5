import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { MetricsNotServed } from './errors.ts';
import type { MetricsAddress } from './metrics-environment.ts';
import type { MetricsPage } from './metrics-page.ts';

/** Whether a process does its part. A standby does: it stands by. */
export interface Readiness {
  /** What it is, in a word: `passive`, `active`, … */
  readonly state: string;
  /** Why it does not do its part; `undefined` when it does. */
  readonly trouble: string | undefined;
  /** Which Redis servers it reaches, by their roles. */
  readonly redis: Readonly<Record<string, boolean>>;
}

/** What is served. */
export interface MetricsServerOptions extends MetricsAddress {
  readonly page: Pick<MetricsPage, 'contentType' | 'text'>;
  /** Must resolve within a scrape's time, whatever it asks. */
  readiness(): Promise<Readiness>;
}

/** Metrics as they are served. Disposing of it ends that, at once. */
export interface MetricsServer extends AsyncDisposable {
  readonly host: string;
  /** The port that was taken. */
  readonly port: number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Serves three pages for other programs:
 *
 * - `/metrics`: Prometheus' text format
 * - `/healthz`: 200 as long as the process lives and its event loop turns; otherwise nobody answers
 * - `/readyz`: 200 when the process does its part, a standby included; 503 with the reason otherwise
 *
 * @throws {MetricsNotServed} when the address cannot be used
 */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  // Loaded when it is needed: a node without metrics starts faster, and is smaller.
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => void respond(options, request, response));
  const { host } = options;
  const port = await listening(server, options);
  return {
    host,
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Prometheus keeps its connection open.
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, { host, port }: MetricsAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new MetricsNotServed(host, port, error)));
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function respond(
  options: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await answerTo(options, request);
  } catch (error) {
    answer = text(500, `this page could not be made: ${String(error)}\n`);
  }
  const { status, type, body } = answer;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  // Node.js leaves the body out where HEAD was asked for.
  response.end(body);
}

async function answerTo(options: MetricsServerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'these pages are only to be read\n');
  }
  switch (request.url?.split('?')[0]) {
    case '/metrics':
      return { status: 200, type: options.page.contentType, body: await options.page.text() };
    case '/healthz':
      return json(200, { alive: true });
    case '/readyz':
      return readyz(await options.readiness());
    default:
      return text(404, 'there are /metrics, /healthz and /readyz\n');
  }
}

function readyz({ state, trouble, redis }: Readiness): Answer {
  const ready = trouble === undefined;
  return json(ready ? 200 : 503, { ready, state, ...(ready ? {} : { reason: trouble }), redis });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}
