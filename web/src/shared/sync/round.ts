import { ProblemError } from '../api/problems';
import { differences, summed } from './checksum';
import type { Copy } from './database';
import { takeIn } from './page';
import { BATCH, compareNotes, giveUp, nextBatch, onTheWire, settle } from './queue';
import type { Transport } from './transport';

export const GREET_EVERY_MS = 5 * 60_000;
const VERIFY_EVERY_MS = 6 * 3_600_000;

/** What a round needs to know about this installation. */
export interface Self {
  deviceId: string;
  appVersion: string;
  schema: number;
  /** The public half of the device's signing key (JWK), where it has one. */
  publicKey?: () => Promise<JsonWebKey | null>;
}

/** What a round came to. */
export type End = 'level' | 'too_old' | 'erased';

/** One meeting with the server: greet, push, pull until level, prove it. Whatever cuts it off, the next one goes on. */
export class Round {
  private greetedAt = -Infinity;
  private clockAtGreeting = 0;
  private toldPending = 0;
  private minVersion = '';

  constructor(
    private readonly copy: Copy,
    private readonly transport: Transport,
    private readonly self: Self,
    private readonly now: () => Date,
  ) {}

  async run(): Promise<End> {
    if (this.greetingDue()) await this.greet();
    if ((await this.copy.known()).erasing) return this.erase();
    const { cursor } = await this.copy.known();
    if (cursor === null) await this.compare();
    await this.pushAll();
    if (older(this.self.appVersion, this.minVersion)) return 'too_old';
    await this.pullAll();
    if (this.toldPending > 0) await this.greet();
    await this.prove();
    return 'level';
  }

  /** Greet again in the next round: the line was down, or the server asks who we are. */
  greetSoon(): void {
    this.greetedAt = -Infinity;
  }

  private greetingDue(): boolean {
    const elapsed = performance.now() - this.greetedAt;
    const jumped = Math.abs(this.now().getTime() - this.clockAtGreeting - elapsed) > 2_000;
    return elapsed > GREET_EVERY_MS || jumped;
  }

  /** Tells the server who we are, what our clock shows and what waits; learns the time, and whether to erase. */
  private async greet(): Promise<void> {
    const { copy, self } = this;
    const first = await copy.queue.orderBy('seq').first();
    const pending = { count: await copy.queue.count(), oldest_at: first?.device_at ?? null };
    const time = this.now();
    const welcome = await this.transport.handshake({
      device_id: self.deviceId,
      app_version: self.appVersion,
      schema_version: self.schema,
      device_time: time.toISOString(),
      pending,
      public_key: (await self.publicKey?.()) ?? null,
    });
    this.greetedAt = performance.now();
    this.clockAtGreeting = time.getTime();
    this.toldPending = pending.count;
    this.minVersion = welcome.min_app_version;
    await copy.atomically(async () => {
      const { collections, cursor, clockOffset } = await copy.known();
      const stale = Object.entries(collections).some(([name, version]) => (welcome.collections[name] ?? version) !== version);
      await copy.note({
        contactAt: welcome.server_time,
        clockOffset: welcome.erase ? clockOffset : welcome.clock_offset_ms,
        ...(welcome.erase ? { erasing: true } : { collections: welcome.collections, cursor: stale ? null : cursor }),
      });
    });
  }

  private async compare(): Promise<void> {
    const { acked_seq } = await this.transport.push(this.self.deviceId, []);
    await compareNotes(this.copy, acked_seq);
  }

  /** Sends what waits, in order. Ends when nothing is left, or nothing moves because the server holds it. */
  private async pushAll(): Promise<void> {
    let most = BATCH;
    for (;;) {
      const batch = await nextBatch(this.copy, most);
      const first = batch[0];
      if (!first) return;
      try {
        await settle(this.copy, batch, await this.transport.push(this.self.deviceId, batch.map(onTheWire)), this.now());
        most = BATCH;
      } catch (error) {
        if (!unreadable(error)) throw error;
        if (batch.length === 1) await giveUp(this.copy, first, error.problem, this.now());
        most = Math.ceil(batch.length / 2);
        continue;
      }
      if (await this.stuck(first.seq)) return;
    }
  }

  private async stuck(seq: number): Promise<boolean> {
    return (await this.copy.queue.orderBy('seq').first())?.seq === seq;
  }

  /** Pulls page after page. What was done meanwhile goes out before the next page: a row may be about to leave. */
  private async pullAll(): Promise<void> {
    for (;;) {
      const { cursor } = await this.copy.known();
      const page = await this.transport.pull(cursor);
      await takeIn(this.copy, page);
      if (page.mode === 'replacement' && cursor !== null) await this.compare(); // perhaps it was restored
      await this.pushAll();
      if (!page.more) break;
    }
    await this.copy.note({ levelAt: this.now().toISOString() });
  }

  /** Proves by checksum that this copy is the server's, when that is not proved or was long ago. */
  private async prove(): Promise<void> {
    const { readyAt } = await this.copy.known();
    if (readyAt && this.now().getTime() - Date.parse(readyAt) < VERIFY_EVERY_MS) return;
    if ((await this.verify()) !== false) return;
    await this.pullAll();
    await this.verify();
  }

  /** True when the copy is proved to be the server's; null when that cannot be said now; false begins a replacement. */
  async verify(): Promise<boolean | null> {
    if (!globalThis.crypto?.subtle) return null;
    const { cursor, sums } = await summed(this.copy);
    if (cursor === null) return null;
    try {
      const wrong = differences(sums, await this.transport.checksum(cursor));
      await this.copy.note(wrong.length ? { readyAt: null, cursor: null } : { readyAt: this.now().toISOString() });
      return !wrong.length;
    } catch (error) {
      if (error instanceof ProblemError && error.slug === 'not-at-head') return null; // something new came just now
      throw error;
    }
  }

  /** A revoked device shows nothing any more, hands over what it has not sent, and forgets everything. */
  private async erase(): Promise<End> {
    await this.copy.atomically(async () => {
      await this.copy.rows.clear();
      await this.copy.sent.clear();
      await this.copy.troubles.clear();
    });
    await this.pushAll();
    await this.copy.delete({ disableAutoOpen: true });
    return 'erased';
  }
}

/** Whether the server refuses the batch for what is in it, so that a smaller one may pass. */
function unreadable(error: unknown): error is ProblemError {
  if (!(error instanceof ProblemError)) return false;
  const faults = (error.problem.errors ?? []) as { pointer: string }[];
  return error.status === 413 || (error.status === 422 && faults.some(({ pointer }) => pointer.startsWith('/mutations')));
}

/** Compares dotted version numbers: `1.9.0` is older than `1.10.0`. */
export function older(version: string, least: string): boolean {
  const [mine, theirs] = [version, least].map((text) => text.split('.').map((part) => parseInt(part, 10) || 0));
  for (let place = 0; place < Math.max(mine!.length, theirs!.length); place++) {
    const [here, there] = [mine![place] ?? 0, theirs![place] ?? 0];
    if (here !== there) return here < there;
  }
  return false;
}
