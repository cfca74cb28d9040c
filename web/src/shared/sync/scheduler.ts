import type { SyncClient } from './client';
import type { State } from './types';

const FIRST_MS = 2_000;
const HALTING = 2; // failures in a row count for no more than so many on a line that breaks and yet lets something through
const LONGEST_MS = 5 * 60_000;
const CALM_MS = 5 * 60_000;

export interface Clock {
  now(): number;
  random(): number;
  after(ms: number, run: () => void): () => void;
}

const CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Decides when to meet the server: at once when something happened here or a poke came, after a growing and jittered
 * pause when that failed (many phones that lost one mast must not come back in step; a line that breaks and yet lets
 * something through is soon tried again), rarely when all is calm, and not at all while nobody looks.
 */
export class Scheduler {
  private cancel: (() => void) | null = null;
  private failures = 0;
  private again = false;
  private running = false;
  private awake = true;

  constructor(
    private readonly client: SyncClient,
    private readonly clock: Clock = CLOCK,
  ) {}

  /** Something happened: a change was made, the line is back, a poke came, somebody looks. */
  nudge(): void {
    if (!this.awake) return;
    if (this.running) this.again = true;
    else void this.meet();
  }

  /** Nobody looks: no attempt by itself until `wake`. */
  sleep(): void {
    this.awake = false;
    this.plan(null);
  }

  wake(): void {
    this.awake = true;
    this.nudge();
  }

  private async meet(): Promise<void> {
    this.plan(null);
    this.running = true;
    do {
      this.again = false;
      const state = await this.client.sync();
      this.failures = state.phase === 'offline' || state.phase === 'failed' ? this.failures + 1 : 0;
      if (this.client.halting) this.failures = Math.min(this.failures, HALTING);
      if (this.failures || ended(state)) this.again = false;
    } while (this.again);
    this.running = false;
    this.plan(await this.pause());
    await this.client.tell();
  }

  private async pause(): Promise<number | null> {
    if (!this.awake || ended(await this.client.state())) return null;
    if (!this.failures) return CALM_MS * (0.9 + 0.2 * this.clock.random());
    const wished = (this.client.retryAfter ?? 0) * 1_000;
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.failures - 1));
    return wished + ceiling * (0.5 + 0.5 * this.clock.random());
  }

  private plan(ms: number | null): void {
    this.cancel?.();
    this.cancel = null;
    this.client.nextAttempt = ms === null ? null : this.clock.now() + ms;
    if (ms !== null) this.cancel = this.clock.after(ms, () => this.nudge());
  }
}

/** Nothing that this device does by itself will help. */
function ended(state: State): boolean {
  return (state.phase === 'erased' && !state.unsent) || state.phase === 'signed_out';
}
