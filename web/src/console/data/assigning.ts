import { signal } from '@preact/signals';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { day, engineers, merge, visits } from './day';
import type { Visit, Warning } from './shapes';
import { when } from './time';
import { say } from './toasts';

const t = dictionary(
  { given: '{number} goes to {name} at {time}.', back: '{number} waits again.', undo: 'Undone at the desk', moved: ' {n} other visits move.' },
  { given: '{number} 已派给 {name}，{time}。', back: '{number} 重新等待安排。', undo: '在调度台撤销', moved: ' 另有 {n} 个上门顺延。' },
);

type Answer = Visit & { warnings: Warning[]; broken: boolean };
export type Wish = { visit: Visit; engineer_id: string; start: string | null };

/** What the desk asks about before it counts: a wish with what the engine says to it. */
export const pending = signal<{ wish: Wish; answer: Answer } | null>(null);

async function post(wish: Wish, more: { preview?: boolean; force?: boolean; reason?: string | null }): Promise<Answer> {
  const params = { path: { visit_id: wish.visit.id } };
  const body = { engineer_id: wish.engineer_id, start: wish.start, force: false, preview: false, reason: null, ...more };
  return (await result(api.POST('/api/v1/visits/{visit_id}/assign', { params, body }))) as unknown as Answer;
}

/** Asks the engine; without a word against it the visit is given at once, else the dispatcher decides. */
export async function propose(wish: Wish): Promise<void> {
  try {
    const answer = await post(wish, { preview: true });
    if (answer.broken || answer.warnings.length) pending.value = { wish, answer };
    else await give(wish);
  } catch (error) {
    say('bad', inWords(error));
  }
}

/** Gives a visit to an engineer. With a `reason` a broken rule does not stand in the way. */
export async function give(wish: Wish, reason: string | null = null): Promise<void> {
  const before = wish.visit;
  const known = visits.value;
  const answer = await post(wish, reason ? { force: true, reason } : {});
  const moved = answer.warnings.flatMap((one) => known.get(one.visit_id ?? '') ?? []);
  merge([answer]);
  pending.value = null;
  const name = engineers.value.get(wish.engineer_id)?.name ?? '';
  const time = answer.planned_start ? when(answer.planned_start, day.value) : '';
  const words = t('given', { number: before.job_number, name, time });
  say('good', words + (moved.length ? t('moved', { n: moved.length }) : ''), async () => {
    await restore(before);
    for (const other of moved) await restore(other);
  });
}

/** Takes a visit back: it waits for an engineer again. */
export async function takeBack(visit: Visit): Promise<void> {
  await restore({ ...visit, engineer_id: null });
  say('good', t('back', { number: visit.job_number }), () => restore(visit));
}

/** As it was before: with the engineer and the start of then, or with nobody. */
async function restore(visit: Visit): Promise<void> {
  const { id, engineer_id, planned_start } = visit;
  if (engineer_id) {
    merge([await post({ visit, engineer_id, start: planned_start }, { force: true, reason: t('undo') })]);
    return;
  }
  const params = { path: { visit_id: id } };
  const call = api.POST('/api/v1/visits/{visit_id}/unassign', { params, body: { reason: t('undo') } });
  merge([(await result(call)) as unknown as Visit]);
}
