/** The API, typed by `docs/api/openapi.json` (`npm run types` writes `schema.ts`). */
import createClient, { type Middleware } from 'openapi-fetch';

import { somebody } from './person';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** An answer that says no, in the words of the server. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly id: string | undefined,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

/** Nothing came back at all. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

const changes: Middleware = {
  onRequest({ request }) {
    if (request.method === 'GET') {
      // What the page reads anew by itself does not count as somebody's deed, and the session becomes idle.
      if (somebody.asks()) return undefined;
      request.headers.set('X-Weir-Background', '1');
      return request;
    }
    request.headers.set('X-Weir-CSRF', '1');
    // The browser may send a request again by itself: it is carried out once.
    if (!request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', crypto.randomUUID());
    return request;
  },
};

// Asked for with each call, so that tests may put another one in its place.
const client = createClient<paths>({ baseUrl: '/', fetch: (request) => globalThis.fetch(request) });
client.use(changes);
export const api = client;

/** Asks for a list as CSV instead of JSON. */
export const asCsv = { headers: { Accept: 'text/csv' }, parseAs: 'text' as const };

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was answered, or an `ApiError`. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Unreachable('', { cause });
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  throw problem(response.status, error);
}

function problem(status: number, body: unknown): ApiError {
  const told = (typeof body === 'object' && body !== null ? body : {}) as Partial<Schemas['Problem']>;
  return new ApiError(status, told.title ?? String(status), told.detail ?? '', told.id ?? undefined);
}
