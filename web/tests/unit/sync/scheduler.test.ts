import { expect, test } from 'vitest';
import { Scheduler, type State, type SyncClient } from '@shared/sync';
import type { Clock } from '@shared/sync/scheduler';

/** A clock that stands still until it is told, and remembers who waits. */
class Hands implements Clock {
  time = 0;
  luck = 0;
  waiting: { at: number; run: () => void } | null = null;

  now = () => this.time;
  random = () => this.luck;
  after = (ms: number, run: () => void) => {
    this.waiting = { at: this.time + ms, run };
    return () => (this.waiting = null);
  };

  ring() {
    const { at, run } = this.waiting!;
    this.time = at;
    this.waiting = null;
    run();
  }
}

function scene(phases: State['phase'][], retryAfter: number | null = null) {
  const hands = new Hands();
  const client = {
    met: 0,
    phase: 'new' as State['phase'],
    nextAttempt: null as number | null,
    retryAfter,
    halting: false,
    sync: async () => ((client.phase = phases[Math.min(client.met++, phases.length - 1)]!), client.state()),
    state: async () => ({ phase: client.phase, unsent: 0 }) as State,
    tell: async () => client.state(),
  };
  return { hands, client, scheduler: new Scheduler(client as unknown as SyncClient, hands) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('failures make the pause grow to five minutes, and a success ends that', async () => {
  const { hands, client, scheduler } = scene([...Array<State['phase']>(10).fill('offline'), 'idle']);
  const pauses: number[] = [];
  scheduler.nudge();
  for (let round = 0; round < 10; round++) {
    await settled();
    pauses.push((client.nextAttempt! - hands.time) / 1000);
    hands.ring();
  }
  await settled();
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 150, 150]);
  expect((client.nextAttempt! - hands.time) / 1000).toBe(270);
});

test('a line that breaks and yet lets something through is soon tried again', async () => {
  const { hands, client, scheduler } = scene(['offline']);
  const pauses: number[] = [];
  scheduler.nudge();
  for (let round = 0; round < 6; round++) {
    await settled();
    pauses.push((client.nextAttempt! - hands.time) / 1000);
    client.halting = round >= 2;
    hands.ring();
  }
  expect(pauses).toEqual([1, 2, 4, 2, 2, 2]);
});

test('phones do not come back in step', async () => {
  const { hands, client, scheduler } = scene(['offline']);
  hands.luck = 0.999;
  scheduler.nudge();
  await settled();
  expect(client.nextAttempt! / 1000).toBeCloseTo(2, 1);
});

test('what the server wishes is waited for', async () => {
  const { client, scheduler } = scene(['offline'], 30);
  scheduler.nudge();
  await settled();
  expect(client.nextAttempt! / 1000).toBe(31);
});

test('what happens during a meeting brings one more, not many', async () => {
  const { client, scheduler } = scene(['idle']);
  for (let times = 0; times < 5; times++) scheduler.nudge();
  await settled();
  expect(client.met).toBe(2);
});

test('a nudge does not wait for the pause to end', async () => {
  const { client, scheduler } = scene(['offline', 'idle']);
  scheduler.nudge();
  await settled();
  scheduler.nudge();
  await settled();
  expect(client.met).toBe(2);
});

test('nothing happens while nobody looks', async () => {
  const { hands, client, scheduler } = scene(['idle']);
  scheduler.sleep();
  scheduler.nudge();
  await settled();
  expect(client.met).toBe(0);
  expect(hands.waiting).toBeNull();
  scheduler.wake();
  await settled();
  expect(client.met).toBe(1);
});

test.each(['signed_out', 'erased'] as const)('a device that is %s does not try again by itself', async (phase) => {
  const { hands, scheduler } = scene([phase]);
  scheduler.nudge();
  await settled();
  expect(hands.waiting).toBeNull();
});
