import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer over HTTP, read to its end. */
export interface HttpAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks over a connection of its own. The `fetch` of Node 24 cannot be used here: where a connection ends it makes errors that
 * set a message of their own, which lockdown allows nobody without the means for it, and ends the thread.
 */
export function httpAnswer(url: string, asked: Asked = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...asked, agent: false }, (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((said) => resolve({ status, headers, text: said }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}
