import { ProblemError, Unreachable, problemOf } from '@shared/api';

/** Calls the API as somebody without an account. Raises ProblemError or Unreachable. */
export async function call<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  return (await ask(method, path, body)).json();
}

/** The answer to a call as it came, for files. Raises as `call` does. */
export async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
  const request = { method, headers: body && { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) };
  const answer = await fetch(`/api/v1${path}`, request as RequestInit).catch((cause) => {
    throw new Unreachable('The server cannot be reached.', { cause });
  });
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** The kind of a refusal, empty for anything else. */
export function slugOf(error: unknown): string {
  return error instanceof ProblemError ? error.slug : '';
}
