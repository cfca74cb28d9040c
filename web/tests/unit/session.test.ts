import { describe, expect, test } from 'vitest';
import { ProblemError, SessionKeeper, Unreachable } from '@shared/api';
import { nextAddress } from '@shared/apps';
import { newId } from '@shared/ids';

const USER = { email: 'li@example.org', name: 'Li', role: 'engineer' };

function memory() {
  const kept = new Map<string, string>();
  return {
    read: (key: string) => kept.get(key) ?? null,
    write: (key: string, value: string | null) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  };
}

const problem = (status: number, slug: string) =>
  new Response(JSON.stringify({ type: `/problems/${slug}`, title: slug, status, detail: slug }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  });

/** A server with one valid access token at a time; `refreshes` counts how often tokens were renewed. */
class Server {
  number = 1;
  refreshes = 0;
  gone = false;
  refuses: Response | null = null;
  devices: string[] = [];

  send = async (request: Request): Promise<Response> => {
    if (this.gone) throw new TypeError('fetch failed');
    const path = new URL(request.url).pathname;
    if (path === '/api/v1/auth/token') return this.signIn(await request.json());
    if (path === '/api/v1/auth/refresh') return this.refresh(await request.json());
    const valid = request.headers.get('Authorization') === `Bearer access-${this.number}`;
    return valid ? new Response(await request.text()) : problem(401, 'unauthenticated');
  };

  private tokens() {
    const name = { access_token: `access-${this.number}`, refresh_token: `refresh-${this.number}` };
    return Response.json({ ...name, token_type: 'Bearer', expires_in: 900, user: USER });
  }

  private signIn(body: { device: { id: string } }) {
    this.devices.push(body.device.id);
    return this.refuses ?? this.tokens();
  }

  private async refresh(body: { refresh_token: string }) {
    this.refreshes++;
    await Promise.resolve();
    if (this.refuses) return this.refuses.clone();
    if (body.refresh_token !== `refresh-${this.number - 1}`) return problem(401, 'unauthenticated');
    return this.tokens();
  }
}

async function signedIn(kept = memory()) {
  const server = new Server();
  const keeper = new SessionKeeper(kept, 'http://server', server.send);
  await keeper.signIn(USER.email, 'secret');
  return { server, keeper, kept };
}

const post = (keeper: SessionKeeper, body: string) =>
  keeper.fetch(new Request('http://server/api/v1/anything', { method: 'POST', body }));

describe('a session', () => {
  test('signs each request', async () => {
    const { keeper } = await signedIn();
    expect(await (await post(keeper, 'hello')).text()).toBe('hello');
  });

  test('survives a reload', async () => {
    const { server, kept } = await signedIn();
    const reloaded = new SessionKeeper(kept, 'http://server', server.send);
    expect(reloaded.signedIn).toBe(true);
    expect((await post(reloaded, 'x')).status).toBe(200);
  });

  test('is renewed once for any number of calls, which are all sent again with their bodies', async () => {
    const { server, keeper } = await signedIn();
    server.number = 2;
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((body) => post(keeper, body)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['a', 'b', 'c', 'd']);
    expect(server.refreshes).toBe(1);
  });

  test('takes the tokens that another tab has renewed', async () => {
    const { server, keeper, kept } = await signedIn();
    const other = new SessionKeeper(kept, 'http://server', server.send);
    server.number = 2;
    await post(other, 'x');
    expect((await post(keeper, 'y')).status).toBe(200);
    expect(server.refreshes).toBe(1);
  });

  test('ends when the server refuses to renew it, and still knows whose it was', async () => {
    const { server, keeper } = await signedIn();
    server.number = 9;
    expect((await post(keeper, 'x')).status).toBe(401);
    expect(keeper.signedIn).toBe(false);
    expect(keeper.current.value?.user.name).toBe('Li');
  });

  test.each([problem(503, 'unavailable'), problem(429, 'rate-limited')])(
    'does not end when the server cannot renew it now',
    async (refusal) => {
      const { server, keeper } = await signedIn();
      server.number = 2;
      server.refuses = refusal;
      await expect(post(keeper, 'x')).rejects.toBeInstanceOf(ProblemError);
      expect(keeper.signedIn).toBe(true);
      server.refuses = null;
      expect((await post(keeper, 'x')).status).toBe(200);
    },
  );

  test('does not end when the network does', async () => {
    const { server, keeper } = await signedIn();
    server.gone = true;
    await expect(post(keeper, 'x')).rejects.toBeInstanceOf(Unreachable);
    expect(keeper.signedIn).toBe(true);
  });

  test('is forgotten at sign-out, also without a network', async () => {
    const { server, keeper, kept } = await signedIn();
    server.gone = true;
    await keeper.signOut();
    expect(new SessionKeeper(kept, 'http://server', server.send).current.value).toBeNull();
  });

  test('keeps one device for each person, however often they sign in', async () => {
    const { server, keeper } = await signedIn();
    await keeper.signIn(' LI@example.org', 'secret');
    await keeper.signIn('wang@example.org', 'secret');
    const [first, again, other] = server.devices;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('that asks for a code says so', async () => {
    const server = new Server();
    server.refuses = problem(401, 'totp-required');
    const keeper = new SessionKeeper(memory(), 'http://server', server.send);
    await expect(keeper.signIn('a@b', 'c')).rejects.toMatchObject({ slug: 'totp-required', status: 401 });
    expect(keeper.signedIn).toBe(false);
  });
});

test('ids are UUIDs of version 7 that sort by time', () => {
  const ids = [newId(1_700_000_000_000), newId(1_700_000_000_001), newId()];
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(ids[0]!.startsWith('018bcfe5-6800-7')).toBe(true);
});

test.each([
  ['?next=%2Ffield%2Fvisits%2F7', '/field/visits/7'],
  ['?next=%2F%2Fevil.example', null],
  ['?next=%2F%5Cevil.example', null],
  ['?next=https%3A%2F%2Fevil.example', null],
  ['', null],
])('after signing in one goes on within this site only: %s', (search, expected) => {
  expect(nextAddress(search, 'https://callout.example')).toBe(expected);
});
