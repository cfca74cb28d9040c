import { SessionKeeper } from '@shared/api';
import { newId } from '@shared/ids';
import { type Row, SyncClient } from '@shared/sync';
import type { Options } from '@shared/sync/client';

/** The server under test, and the door through which its machine room is asked for things (see tests/web/live.py). */
export const ORIGIN = process.env.CALLOUT_URL!;
const CONTROL = process.env.CALLOUT_CONTROL!;
const PASSWORD = 'callout-demo';

export async function control(action: 'backup' | 'restore' | 'drain'): Promise<void> {
  const answer = await fetch(`${CONTROL}/${action}`, { method: 'POST' });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A sign-in of somebody of the demo day, with storage of its own. */
export async function signIn(who: string): Promise<SessionKeeper> {
  const kept = new Map<string, string>();
  const memory = {
    read: (key: string) => kept.get(key) ?? null,
    write: (key: string, value: string | null) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  };
  const keeper = new SessionKeeper(memory, ORIGIN);
  await keeper.signIn(`${who}@demo.callout`, PASSWORD);
  return keeper;
}

/** A line that can be cut before a request is sent (`dead`), or after the server has answered it (`deaf`). */
export class Line {
  dead = false;
  /** The next so many answers whose path has `deafTo` in it are lost on their way. */
  deaf = 0;
  deafTo = '';
  /** Called before a request is sent; what it does is done by then. */
  before: ((path: string) => Promise<void> | void) | null = null;
  readonly paths: string[] = [];

  constructor(private readonly keeper: SessionKeeper) {}

  fetch = async (request: Request): Promise<Response> => {
    const path = request.url.slice(`${ORIGIN}/api/v1/sync`.length);
    await this.before?.(path);
    this.paths.push(path);
    if (this.dead) throw new TypeError('no network');
    const answer = await this.keeper.fetch(request);
    if (this.deaf > 0 && path.includes(this.deafTo)) {
      this.deaf--;
      await answer.arrayBuffer();
      throw new TypeError('the line broke');
    }
    return answer;
  };

  count(part: string): number {
    return this.paths.filter((path) => path.includes(part)).length;
  }
}

export interface Phone {
  keeper: SessionKeeper;
  line: Line;
  client: SyncClient;
  options: Options;
}

/** An engineer's phone, signed in and not yet in step. */
export async function phone(who: string, more: Partial<Options> = {}): Promise<Phone> {
  const keeper = await signIn(who);
  const line = new Line(keeper);
  const { deviceId } = keeper.current.value!;
  const options = { deviceId, appVersion: '1.0.0', schema: 1, fetch: line.fetch, origin: ORIGIN, ...more };
  return { keeper, line, options, client: await SyncClient.open(options) };
}

/** A phone that holds its engineer's day. */
export async function phoneInStep(who: string, more: Partial<Options> = {}): Promise<Phone> {
  const made = await phone(who, more);
  const state = await made.client.sync();
  if (state.phase !== 'idle') throw new Error(`not in step: ${JSON.stringify(state)}`);
  return made;
}

/** The office, on the public API. */
export class Desk {
  private constructor(private readonly keeper: SessionKeeper) {}

  static async open(who = 'dispatcher'): Promise<Desk> {
    return new Desk(await signIn(who));
  }

  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const init = { method, headers: { 'Content-Type': 'application/json', ...headers } };
    const request = new Request(`${ORIGIN}/api/v1${path}`, { ...init, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answer = await this.keeper.fetch(request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  visit(id: string) {
    return this.call('GET', `/visits/${id}`);
  }

  async patch(path: string, changes: object): Promise<Row> {
    const { rev } = await this.call('GET', path);
    const type = { 'Content-Type': 'application/merge-patch+json', 'If-Match': `"${rev}"` };
    return this.call('PATCH', path, changes, type);
  }

  /** Gives a visit to somebody else, whatever speaks against it. */
  async reassign(visitId: string, engineerId: string): Promise<void> {
    await this.call('POST', `/visits/${visitId}/assign`, { engineer_id: engineerId, force: true, reason: 'for the test' });
  }

  async engineerId(who: string): Promise<string> {
    return (await signIn(who)).current.value!.user.engineer_id!;
  }

  async conflicts(rowId: string): Promise<Row[]> {
    const { items } = await this.call('GET', '/conflicts?limit=200');
    return items.filter((conflict: Row) => conflict.row_id === rowId);
  }

  async notes(jobId: string): Promise<Row[]> {
    return (await this.call('GET', `/notes?job_id=${jobId}&limit=200`)).items;
  }
}

/** A dispatched visit on a phone. */
export async function dispatched(client: SyncClient): Promise<Row & { job_id: string }> {
  const found = (await client.rows('visits')).find(({ status }) => status === 'dispatched');
  if (!found) throw new Error('this phone holds no dispatched visit');
  return found as Row & { job_id: string };
}

export const note = (visit: Row, body: string) => ({
  collection: 'notes', rowId: newId(), type: 'create' as const, data: { visit_id: visit.id, job_id: visit.job_id, body },
});
