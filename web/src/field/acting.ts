import { newId } from '@shared/ids';
import type { Change } from '@shared/sync';
import { mutate } from './data/client';
import { own } from './data/own';
import { type AnswerValue, type ChecklistItem, type Visit, type World, all } from './data/rows';
import { here } from './positions';

/** Which stretch of time a state belongs to; the states not named here end it. */
const SPENT: Record<string, string> = { en_route: 'travel', working: 'work', paused: 'pause' };

/** Takes a step of a visit, and lets the clocks follow: travel, work and pause are recorded by themselves. */
export async function takeStep(world: World, visit: Visit, to: string, reason?: string): Promise<void> {
  const now = new Date().toISOString();
  const location = here();
  const data = { to, ...(reason ? { reason } : {}), ...(location ? { location } : {}) };
  const step: Change = { collection: 'visits', rowId: visit.id, type: 'transition', data };
  const at = await mutate(step, ...clocks(world, visit, SPENT[to], now));
  if (!(await own().steps.get([visit.id, to]))) await own().steps.put({ visit_id: visit.id, to, at });
  navigator.vibrate?.(30);
}

function clocks(world: World, visit: Visit, kind: string | undefined, at: string): Change[] {
  const running = all(world, 'time_entries', (it) => it.visit_id === visit.id && !it.ended_at);
  const ended = running.map(({ id }): Change => ({ collection: 'time_entries', rowId: id, type: 'update', data: { ended_at: at } }));
  return kind ? [...ended, made('time_entries', { visit_id: visit.id, kind, started_at: at })] : ended;
}

function made(collection: string, data: Record<string, unknown>): Change {
  return { collection, rowId: newId(), type: 'create', data };
}

/** Answers a point of the checklist. A changed answer is a new one; the newest stands. */
export async function answer(item: ChecklistItem, value: AnswerValue): Promise<void> {
  await mutate(made('checklist_answers', { visit_id: item.visit_id, item_id: item.id, value }));
}

/** Writes down something about a visit. */
export async function writeNote(visit: Visit, body: string, internal: boolean): Promise<void> {
  await mutate(made('notes', { job_id: visit.job_id, visit_id: visit.id, body, internal }));
}

/** Takes a part from the van. More than the van is said to hold is told, and recorded all the same. */
export async function takePart(visit: Visit, partId: string, quantity: string): Promise<void> {
  await mutate(made('part_uses', { visit_id: visit.id, part_id: partId, quantity }));
}

/** What the van should hold of a part: the server's last word less what was taken since and is not sent yet. */
export function inTheVan(world: World, partId: string): number {
  const known = all(world, 'van_stock', (it) => it.part_id === partId).reduce((sum, it) => sum + Number(it.quantity), 0);
  const unsent = all(world, 'part_uses', (it) => it.part_id === partId && !it.rev);
  return Math.round((known - unsent.reduce((sum, it) => sum + Number(it.quantity), 0)) * 1_000) / 1_000;
}
