import { signal } from '@preact/signals';
import { Unreachable, api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { ifMatch } from './calls';
import { day, engineers, merge, visits } from './day';
import { askAgain, isSamePlan, isStale, readNow, same } from './overtaken';
import type { Visit, Warning } from './shapes';
import { when } from './time';
import { say, unsay } from './toasts';

const t = dictionary(
  { given: '{number} goes to {name} at {time}.', back: '{number} waits again.', undo: 'Undone at the desk', moved: ' {n} other visits move.', elsewhere: '{number} goes to {name} now: somebody else decided so.', nowWaits: '{number} waits again: somebody else decided so.' },
  { given: '{number} 已派给 {name}，{time}。', back: '{number} 重新等待安排。', undo: '在调度台撤销', moved: ' 另有 {n} 次上门顺延。', elsewhere: '{number} 已被他人改派给 {name}。', nowWaits: '{number} 已被他人收回，重新等待安排。' },
);
const LOST_MS = 10 * 60_000; // so long the news of what became of it may take

type Answer = Visit & { warnings: Warning[]; broken: boolean };
export type Wish = { visit: Visit; engineer_id: string; start: string | null };

/** What the desk asks about before it counts: a wish with what the engine says to it. */
export const pending = signal<{ wish: Wish; answer: Answer } | null>(null);

/** The visit that was given just now: the board brings it into sight. */
export const given = signal<string | null>(null);

const deciding = new Set<string>(); // what this desk has just sent: news of it is its own

async function post(wish: Wish, more: { preview?: boolean; force?: boolean; reason?: string | null }): Promise<Answer> {
  const params = { path: { visit_id: wish.visit.id } };
  const body = { engineer_id: wish.engineer_id, start: wish.start, force: false, preview: false, reason: null, ...more };
  return (await result(api.POST('/api/v1/visits/{visit_id}/assign', { params, body, headers: ifMatch(wish.visit.rev) }))) as unknown as Answer;
}

/**
 * Does `work` with the visit that was seen; once more with what it is now when only something else of it changed.
 * When somebody else decided meanwhile, the dispatcher is asked, and the answer is null.
 */
async function seen<Done>(visit: Visit, work: (visit: Visit) => Promise<Done>, goOn: (now: Visit) => void): Promise<Done | null> {
  deciding.add(visit.id);
  try {
    return await work(visit);
  } catch (error) {
    if (!isStale(error)) throw error;
    const now = await readNow(visit.id);
    if (isSamePlan(visit, now)) return await work(now);
    pending.value = null;
    await askAgain(visit, now, goOn);
    return null;
  } finally {
    deciding.delete(visit.id);
  }
}

/** Asks the engine; without a word against it the visit is given at once, else the dispatcher decides. */
export async function propose(wish: Wish): Promise<void> {
  const again = (visit: Visit) => void propose({ ...wish, visit });
  try {
    const answer = await seen(wish.visit, (visit) => post({ ...wish, visit }, { preview: true }), again);
    if (!answer) return;
    if (answer.broken || answer.warnings.length) pending.value = { wish: { ...wish, visit: { ...wish.visit, rev: answer.rev } }, answer };
    else await give(wish);
  } catch (error) {
    say('bad', inWords(error));
  }
}

/** Gives a visit to an engineer; false when it was not given. With a `reason` a broken rule does not stand in the way. */
export async function give(wish: Wish, reason: string | null = null): Promise<boolean> {
  const again = (visit: Visit) => void (isWished(wish, visit) ? told(wish, visit) : give({ ...wish, visit }, reason));
  try {
    const answer = await seen(wish.visit, (visit) => post({ ...wish, visit }, reason ? { force: true, reason } : {}), again);
    if (answer) told(wish, answer, answer.warnings);
    return Boolean(answer);
  } catch (error) {
    if (error instanceof Unreachable) awaited(wish, inWords(error));
    else say('bad', inWords(error));
    return false;
  }
}

/** Whether the visit stands as it was wished, with a word of whom it moved where that is known. */
const isWished = (wish: Wish, now: Visit) =>
  now.rev > wish.visit.rev && now.engineer_id === wish.engineer_id && (!wish.start || same(now.planned_start, wish.start));

/** Says that a visit is given, with the way back, for as long as it is so. */
function told(wish: Wish, answer: Visit, warnings: Warning[] = []): void {
  const known = visits.peek();
  const moved = warnings.flatMap((one) => (known.has(one.visit_id ?? '') ? [{ visit: known.get(one.visit_id!)!, delay_s: one.delay_s ?? 0 }] : []));
  unsay(answer.id);
  merge([answer]);
  [pending.value, given.value] = [null, answer.id];
  const time = answer.planned_start ? when(answer.planned_start, day.value) : '';
  const words = t('given', { number: answer.job_number, name: nameOf(wish.engineer_id), time });
  const undo = async () => {
    if (!(await restore(wish.visit, answer))) return false;
    for (const one of moved) await moveBack(one.visit, one.delay_s);
    return true;
  };
  say('good', words + (moved.length ? t('moved', { n: moved.length }) : ''), undo, {
    about: answer.id,
    holds: () => deciding.has(answer.id) || isAsTold(answer),
    turned: () => otherwise(answer),
  });
}

const nameOf = (id: string | null) => (id && engineers.peek().get(id)?.name) || '—';

/** Whether a visit is still where it was told to be; of other days nothing is known. */
function isAsTold(answer: Visit): boolean {
  const now = visits.value.get(answer.id);
  return !now || now.rev < answer.rev || (now.engineer_id === answer.engineer_id && same(now.planned_start, answer.planned_start));
}

/** What became of a visit that was told to be with somebody; another time of the same engineer is seen on the board. */
function otherwise(answer: Visit): void {
  const now = visits.peek().get(answer.id);
  if (!now || now.engineer_id === answer.engineer_id) return;
  say('warn', now.engineer_id ? t('elsewhere', { number: now.job_number, name: nameOf(now.engineer_id) }) : t('nowWaits', { number: now.job_number }));
}

/** No answer came: when the news says that it was given after all, that is told in place of the fault. */
function awaited(wish: Wish, fault: string): void {
  const now = () => visits.value.get(wish.visit.id);
  unsay(wish.visit.id);
  say('bad', fault, undefined, {
    about: wish.visit.id,
    holds: () => !now() || !isWished(wish, now()!),
    turned: () => told(wish, visits.peek().get(wish.visit.id)!),
  }, LOST_MS);
}

/** Takes a visit back: it waits for an engineer again. */
export async function takeBack(visit: Visit): Promise<void> {
  const answer = await restored({ ...visit, engineer_id: null }, visit);
  if (!answer) return;
  unsay(visit.id);
  say('good', t('back', { number: visit.job_number }), () => restore(visit, answer), {
    about: visit.id,
    holds: () => deciding.has(visit.id) || isAsTold(answer),
    turned: () => otherwise(answer),
  });
}

const restore = async (before: Visit, now: Visit): Promise<boolean> => Boolean(await restored(before, now));

/** As it was before: with the engineer and the start of then, or with nobody. `now`: what it was made into, and is taken back. */
async function restored(before: Visit, now: Visit): Promise<Visit | null> {
  const back = (visit: Visit) => (before.engineer_id
    ? post({ visit, engineer_id: before.engineer_id, start: before.planned_start }, { force: true, reason: t('undo') })
    : wait(visit));
  const answer = await seen(now, back, (newer) => void restored(before, newer).catch((error) => say('bad', inWords(error))));
  if (answer) merge([answer]);
  return answer;
}

async function wait(visit: Visit): Promise<Visit> {
  const params = { path: { visit_id: visit.id } };
  const call = api.POST('/api/v1/visits/{visit_id}/unassign', { params, body: { reason: t('undo') }, headers: ifMatch(visit.rev) });
  return (await result(call)) as unknown as Visit;
}

/** Gives a visit that had to move its time back, unless it has got another one since. */
async function moveBack(before: Visit, delay_s: number): Promise<void> {
  const now = await readNow(before.id);
  const late = Date.parse(now.planned_start ?? '') - Date.parse(before.planned_start ?? '');
  if (now.engineer_id === before.engineer_id && late === delay_s * 1000) await restore(before, now);
}
