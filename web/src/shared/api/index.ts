import createClient from 'openapi-fetch';
import type { paths } from '@api';
import { problemOf } from './problems';
import { SessionKeeper } from './session';

export { ProblemError, Unreachable, faultsOf, inWords, problemOf } from './problems';
export { type Profile, type Session, SessionKeeper } from './session';

/** The sign-in of this browser. */
export const session = new SessionKeeper();

/** Every operation of the API with its types: `await result(api.GET('/api/v1/me'))`. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin, fetch: session.fetch });

/** The data of a call. Raises ProblemError when the server refuses, Unreachable when it does not answer. */
export async function result<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<NonNullable<Data>> {
  const { data, error, response } = await call;
  if (!response.ok) throw await problemOf(restored(response, error));
  return data as NonNullable<Data>;
}

/** The client has read the body already; the problem is told from what it read. */
function restored(response: Response, error: unknown): Response {
  const { status, headers } = response;
  return new Response(typeof error === 'string' ? error : JSON.stringify(error), { status, headers });
}
