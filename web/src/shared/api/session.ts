import { signal } from '@preact/signals';
import type { components } from '@api';
import { remembered } from '../remembered';
import { newId } from '../ids';
import { APP_VERSION } from '../version';
import { ProblemError, Unreachable, problemOf } from './problems';

export type Profile = components['schemas']['Profile'];
type Tokens = { access: string; refresh: string };

/** Who uses this browser. Without tokens the session has ended; the person's local work is still theirs. */
export interface Session {
  user: Profile;
  deviceId: string;
  tokens: Tokens | null;
}

interface Memory {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
  watch?(key: string, changed: (value: string | null) => void): () => void;
}

type Send = (request: Request) => Promise<Response>;
const KEY = 'session';

/**
 * Keeps one sign-in: signs requests, renews tokens (once for any number of parallel calls and tabs), ends it.
 * Only the server ends a session; a call that finds no server leaves everything as it is.
 */
export class SessionKeeper {
  readonly current = signal<Session | null>(null);
  private renewing: Promise<void> | null = null;

  constructor(
    private readonly memory: Memory = remembered,
    private readonly origin = globalThis.location?.origin ?? '',
    private readonly send: Send = (request) => fetch(request),
  ) {
    this.current.value = parsed(memory.read(KEY));
    memory.watch?.(KEY, (value) => (this.current.value = parsed(value)));
  }

  get signedIn(): boolean {
    return Boolean(this.current.value?.tokens);
  }

  /** Raises ProblemError (401 `totp-required` asks for the code as well) or Unreachable. */
  async signIn(email: string, password: string, totp?: string): Promise<Session> {
    const deviceId = this.deviceOf(email);
    const device = { id: deviceId, name: deviceName(), platform: 'web', app_version: APP_VERSION };
    const answer = await this.post('/api/v1/auth/token', { email, password, totp: totp || null, device });
    return this.keep(answer, deviceId);
  }

  /** Forgets the session here, and ends it on the server when that can be reached. */
  async signOut(): Promise<void> {
    const access = this.current.value?.tokens?.access;
    this.store(null);
    if (!access) return;
    const headers = { Authorization: `Bearer ${access}` };
    await this.send(new Request(`${this.origin}/api/v1/auth/logout`, { method: 'POST', headers })).catch(() => null);
  }

  /** `fetch` with this session's credential. Answers 401 only when the session has ended. */
  fetch = async (request: Request): Promise<Response> => {
    const access = this.current.value?.tokens?.access;
    const again = request.clone();
    const answer = await this.attempt(request, access);
    if (answer.status !== 401 || !access) return answer;
    const { slug } = await problemOf(answer.clone());
    if (slug === 'device-revoked') return answer;
    await this.renew(access);
    const renewed = this.current.value?.tokens?.access;
    return renewed ? this.attempt(again, renewed) : answer;
  };

  private async attempt(request: Request, access: string | undefined): Promise<Response> {
    if (access) request.headers.set('Authorization', `Bearer ${access}`);
    return this.reach(request);
  }

  private async reach(request: Request): Promise<Response> {
    try {
      return await this.send(request);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw new Unreachable('The server cannot be reached.', { cause });
    }
  }

  /** Fresh tokens in place of `stale`. Whoever comes while they are on their way waits for the same ones. */
  private renew(stale: string): Promise<void> {
    this.renewing ??= exclusively(() => this.renewUnlessDone(stale)).finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async renewUnlessDone(stale: string): Promise<void> {
    const session = parsed(this.memory.read(KEY)) ?? this.current.value;
    if (!session?.tokens) return;
    if (session.tokens.access !== stale) {
      this.current.value = session; // another tab was quicker
      return;
    }
    try {
      const body = { refresh_token: session.tokens.refresh, device_id: session.deviceId };
      this.keep(await this.post('/api/v1/auth/refresh', body), session.deviceId);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      this.store({ ...session, tokens: null });
    }
  }

  private async post(path: string, body: object): Promise<components['schemas']['Tokens']> {
    const headers = { 'Content-Type': 'application/json' };
    const request = new Request(this.origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await this.reach(request);
    if (!answer.ok) throw await problemOf(answer);
    return answer.json();
  }

  private keep(answer: components['schemas']['Tokens'], deviceId: string): Session {
    const tokens = { access: answer.access_token, refresh: answer.refresh_token };
    return this.store({ user: answer.user, deviceId, tokens });
  }

  private store<Kept extends Session | null>(session: Kept): Kept {
    this.memory.write(KEY, session && JSON.stringify(session));
    this.current.value = session;
    return session;
  }

  /** A device is one installation and one person, so that people who share a browser do not share a queue. */
  private deviceOf(email: string): string {
    const key = `device.${email.trim().toLowerCase()}`;
    const known = this.memory.read(key) ?? newId();
    this.memory.write(key, known);
    return known;
  }
}

function parsed(stored: string | null): Session | null {
  try {
    return stored ? (JSON.parse(stored) as Session) : null;
  } catch {
    return null;
  }
}

/** One tab at a time where the browser can say so; else at least one call at a time (see `renew`). */
async function exclusively(work: () => Promise<void>): Promise<void> {
  const locks = globalThis.navigator?.locks;
  await (locks ? locks.request('callout.renew', work) : work());
}

function deviceName(): string {
  const agent = globalThis.navigator?.userAgent ?? '';
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0].replace('Edg', 'Edge') ?? 'Browser';
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0];
  return system ? `${browser}, ${system}` : browser;
}
