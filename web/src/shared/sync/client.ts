import { ProblemError, Unreachable } from '../api/problems';
import { Copy } from './database';
import { link } from './overlay';
import { enqueue } from './queue';
import { type End, Round, type Self } from './round';
import { type Fetch, Transport } from './transport';
import type { Change, Queued, Row, State, Stored, Trouble, Values } from './types';
import { demandStep } from './visit-table';

export interface Options extends Self {
  /** Signs requests; see SessionKeeper. */
  fetch: Fetch;
  /** Such as `https://callout.example`. */
  origin: string;
  /** Brings a mutation that an older version of the app queued (`from` its schema) to the present one. */
  upgrade?: (mutation: Queued, from: number) => Queued;
  now?: () => Date;
  /** How long to wait for one answer, milliseconds. */
  patience?: number;
  /** How many rows one page may have; the server's own measure otherwise. */
  pageRows?: number;
}

const PHASES: Record<End, State['phase']> = { level: 'idle', too_old: 'too_old', erased: 'erased' };

/**
 * One device's copy of its user's work. Changes are kept here first and shown at once; `sync` meets the server whenever
 * that is possible. Knows no screen: whatever shows it reads rows (Dexie's `liveQuery` tells of changes) and the state.
 */
export class SyncClient {
  private phase: State['phase'] = 'new';
  private problem: string | null = null;
  private meeting: Promise<State> | null = null;
  private readonly round: Round;
  private readonly transport: Transport;
  private readonly listeners = new Set<(state: State) => void>();
  /** Epoch ms of the next attempt by itself; see Scheduler. */
  nextAttempt: number | null = null;
  /** Seconds after which the server wants to be asked again, when it said so in the last round. */
  retryAfter: number | null = null;
  /** The line broke in the last round, and had let something through before. */
  halting = false;

  private constructor(
    readonly copy: Copy,
    private readonly options: Options,
    private readonly now: () => Date,
  ) {
    this.transport = new Transport(options.fetch, options.origin, options.patience, options.pageRows);
    this.round = new Round(copy, this.transport, options, now);
  }

  /** Opens (or makes) this device's copy, and brings what an older version of the app left to the present schema. */
  static async open(options: Options): Promise<SyncClient> {
    const copy = new Copy(`callout.${options.deviceId}`);
    await copy.open();
    await copy.atomically(async () => {
      const { schema } = await copy.known();
      if (schema === options.schema) return;
      const queued = await copy.queue.toArray();
      if (schema && options.upgrade) await copy.queue.bulkPut(queued.map((mutation) => options.upgrade!(mutation, schema)));
      await copy.note({ schema: options.schema, ...(schema ? { cursor: null, readyAt: null } : {}) });
    });
    return new SyncClient(copy, options, options.now ?? (() => new Date()));
  }

  /** Keeps changes, all or none. They are visible at once and go out in this order. Returns the mutations' ids. */
  async change(...changes: Change[]): Promise<string[]> {
    const ids = await enqueue(this.copy, changes, this.now());
    await this.tell();
    return ids;
  }

  /** Takes a visit to another state. Raises IllegalStep when the visit is not here or the table does not allow it. */
  async transition(visitId: string, to: string, more: Values = {}): Promise<string> {
    const visit = await this.row('visits', visitId);
    demandStep(String(visit?.status), to);
    const [id] = await this.change({ collection: 'visits', rowId: visitId, type: 'transition', data: { to, ...more } });
    return id!;
  }

  /** A row as its user sees it, unsent changes included. */
  async row(collection: string, id: string): Promise<Row | null> {
    return (await this.copy.rows.get([collection, id]))?.local ?? null;
  }

  async rows(collection: string): Promise<Row[]> {
    return visible(await this.copy.rows.where({ collection }).toArray());
  }

  /** The rows of a collection whose `field` names a row: `children('checklist_items', 'visit_id', id)`. */
  async children(collection: string, field: string, id: string): Promise<Row[]> {
    return visible(await this.copy.rows.where('links').equals(link(collection, field, id)).toArray());
  }

  troubles(): Promise<Trouble[]> {
    return this.copy.troubles.orderBy('at').toArray();
  }

  /** Takes a trouble from the list that this device shows; the server keeps it. */
  async dismiss(id: string): Promise<void> {
    await this.copy.troubles.delete(id);
    await this.tell();
  }

  /** Meets the server once; a call while a meeting runs waits for that one. Never raises: the state says what came. */
  sync(): Promise<State> {
    this.meeting ??= this.meet().finally(() => (this.meeting = null));
    return this.meeting;
  }

  private async meet(): Promise<State> {
    if (this.phase === 'erased') return this.state();
    this.enter('syncing');
    this.retryAfter = null;
    this.halting = false;
    const { answers } = this.transport;
    await this.tell();
    try {
      await alone(`callout.sync.${this.options.deviceId}`, async () => this.enter(PHASES[await this.round.run()]));
    } catch (error) {
      this.halting = error instanceof Unreachable && this.transport.answers > answers;
      await this.failed(error);
    }
    return this.tell();
  }

  private async failed(error: unknown): Promise<void> {
    this.round.greetSoon();
    if (error instanceof Unreachable) return this.enter('offline', error);
    if (!(error instanceof ProblemError)) return this.enter('failed', error);
    this.retryAfter = error.retryAfter;
    if (error.slug === 'device-revoked') return this.enter(await this.afterRevocation());
    if (error.status === 401) return this.enter('signed_out', error);
    const passing = error.status === 429 || error.status === 408 || error.status >= 500;
    this.enter(passing ? 'offline' : 'failed', error);
  }

  /** The server no longer serves this device: it greets, and is told to erase. */
  private async afterRevocation(): Promise<State['phase']> {
    return this.round.run().then((end) => PHASES[end], (error) => (error instanceof Unreachable ? 'offline' : 'signed_out'));
  }

  private enter(phase: State['phase'], error?: unknown): void {
    this.phase = phase;
    this.problem = error instanceof Error ? error.message : null;
  }

  /** Where this device stands, honestly: from what is stored, not from what was hoped. */
  async state(): Promise<State> {
    const { phase, problem, nextAttempt } = this;
    if (phase === 'erased') return { ...ERASED, nextAttempt: null };
    return this.copy.transaction('r', this.copy.tables, async () => {
      const facts = await this.copy.known();
      const oldest = await this.copy.queue.orderBy('seq').first();
      return {
        phase: facts.erasing ? ('erased' as const) : phase,
        problem,
        nextAttempt,
        unsent: await this.copy.queue.count(),
        oldestAt: oldest?.device_at ?? null,
        held: await this.copy.queue.where('held').equals(1).count(),
        contactAt: facts.contactAt,
        levelAt: facts.levelAt,
        readyAt: facts.readyAt,
        troubles: await this.copy.troubles.count(),
        clockOffset: facts.clockOffset,
      };
    });
  }

  /** Calls `listener` with each new state. Returns how to stop. */
  subscribe(listener: (state: State) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the listeners where this device stands. */
  async tell(): Promise<State> {
    const state = await this.state();
    for (const listener of this.listeners) listener(state);
    return state;
  }

  /** The present moment by the server's clock, as far as it is known. */
  async serverNow(): Promise<Date> {
    return new Date(this.now().getTime() + ((await this.copy.known()).clockOffset ?? 0));
  }

  /** Lets go of the database, when a running meeting has ended. */
  async close(): Promise<void> {
    await this.meeting;
    this.copy.close();
  }
}

const ERASED: Omit<State, 'nextAttempt'> = {
  phase: 'erased', unsent: 0, oldestAt: null, held: 0, contactAt: null, levelAt: null, readyAt: null, troubles: 0,
  clockOffset: null, problem: null,
};

function visible(stored: Stored[]): Row[] {
  return stored.flatMap(({ local }) => (local ? [local] : []));
}

/** Of several tabs only one meets the server; the others see what it brings. */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  const locks = globalThis.navigator?.locks;
  await (locks ? locks.request(name, work) : work());
}
