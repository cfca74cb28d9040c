import { type Gap, type Step, type Row as SyncRow, gaps, steps } from '@shared/sync';
import { type ChecklistItem, type Visit, type World, all } from './data/rows';
import { claimsOf } from './sign/envelope';

/** Where the engineer's day goes on from each state; every other step is beside the way. */
const ONWARDS: Record<string, string> = {
  dispatched: 'accepted',
  accepted: 'en_route',
  en_route: 'on_site',
  on_site: 'working',
  paused: 'working',
  working: 'completed',
};
export const OVER = ['completed', 'cannot_complete', 'approved', 'confirmed', 'disputed', 'cancelled', 'aborted'];

/** The steps that an engineer may take from `visit`'s state without a network. */
export function stepsOf(visit: Visit): Step[] {
  return steps(visit.status).filter((step) => step.to !== 'aborted' || Boolean(visit.abort_asked_at));
}

/** The step that is the next action: to stop where the dispatcher has asked for it, else onwards. */
export function nextStep(visit: Visit): Step | undefined {
  const steps = stepsOf(visit);
  return steps.find((step) => step.to === 'aborted') ?? steps.find((step) => step.to === ONWARDS[visit.status]);
}

/** The steps beside the way: to decline, to pause, to give up. */
export function otherSteps(visit: Visit): Step[] {
  const next = nextStep(visit);
  return stepsOf(visit).filter((step) => step !== next && step.from !== 'completed');
}

/** What is missing before `step`, by the same guards as on the server. */
export function missing(world: World, visit: Visit, step: Step): Gap[] {
  const mine = (row: { visit_id: string | null }) => row.visit_id === visit.id;
  return gaps(step, {
    visit: plain(visit),
    jobType: plain(jobTypeOf(world, visit) ?? null),
    items: itemsOf(world, visit).map(plain),
    answers: all(world, 'checklist_answers', mine).map(plain),
    media: photosOf(world, visit).map(plain),
    signatures: all(world, 'signatures', mine).map(plain),
  });
}

const plain = <Value>(row: Value) => row as Value extends null ? null : SyncRow;

/** The visit's checklist in order. */
export function itemsOf(world: World, visit: Visit): ChecklistItem[] {
  return all(world, 'checklist_items', (item) => item.visit_id === visit.id).sort((a, b) => a.position - b.position);
}

/** The answer that stands: the newest. */
export function answerTo(world: World, item: ChecklistItem) {
  const answers = all(world, 'checklist_answers', (answer) => answer.item_id === item.id);
  return answers.sort((a, b) => (a.corrected_at ?? a.device_at ?? a.id).localeCompare(b.corrected_at ?? b.device_at ?? b.id)).at(-1);
}

/** Whether a file arrived and nobody can use it: it is no picture, or the scanner found something in it. */
export function useless(file: { state?: string | null }): boolean {
  return file.state === 'rejected' || file.state === 'quarantined';
}

/** The visit's photos, oldest first; those that cannot be used do not count. */
export function photosOf(world: World, visit: Visit) {
  const mine = all(world, 'media', (it) => it.visit_id === visit.id && it.kind === 'photo' && !useless(it));
  return mine.sort((a, b) => (a.captured_at ?? '').localeCompare(b.captured_at ?? '') || a.id.localeCompare(b.id));
}

/** The newest sign-off of the visit, a refusal included. One that is not sent yet is told from its envelope. */
export function signatureOf(world: World, visit: Visit) {
  const found = all(world, 'signatures', (it) => it.visit_id === visit.id).sort((a, b) => a.id.localeCompare(b.id)).at(-1);
  if (!found?.envelope || found.outcome) return found;
  const { outcome, signer } = claimsOf(found.envelope);
  return { ...found, outcome, signer_name: signer.name };
}

export function jobTypeOf(world: World, visit: Visit) {
  const job = world.jobs.get(visit.job_id);
  return job && world.job_types.get(job.job_type_id);
}
