import { Unreachable, inWords } from '@shared/api';
import { onEvent } from '../data/events';
import { say, unsay } from '../data/toasts';
import { t as desk } from '../words';
import { applyPlan, readPlan, undoPlan } from './calls';
import { type Moved, movedOf } from './moved';
import type { DayPlan } from './shapes';
import { t } from './words';

const LOST_MS = 10 * 60_000; // so long the news of what became of it may take

/** What hears of a plan that has changed, and of what is not any more as the plan saw it. */
export type Hears = { onDone: (plan: DayPlan) => void; onMoved: (moved: Moved[]) => void };

/** Makes chosen routes the plan. What was applied in one go is taken back in one go. */
export async function apply(plan: DayPlan, engineer_ids: string[], publish: boolean, hears: Hears): Promise<void> {
  const done = (now: DayPlan) => {
    hears.onDone(now);
    say('good', t('appliedDone', { n: engineer_ids.length }), () => undo(plan, engineer_ids, hears), { about: plan.id, holds: () => true });
  };
  try {
    done(await applyPlan(plan.id, engineer_ids, publish));
  } catch (error) {
    if (error instanceof Unreachable) awaited(plan.id, engineer_ids, inWords(error), done);
    else if (!told(error, hears)) say('bad', inWords(error));
  }
}

/** Gives the visits of some engineers back; those of all, when the button of the plan is pressed. */
async function undo(plan: DayPlan, engineer_ids: string[], hears: Hears): Promise<void> {
  await undoPlan(plan.id, engineer_ids).then(hears.onDone, (error) => (told(error, hears), Promise.reject(error)));
}

export async function undoAll(plan: DayPlan, hears: Hears): Promise<void> {
  try {
    await undo(plan, plan.applied, hears);
    unsay(plan.id);
    say('good', desk('undone'));
  } catch (error) {
    if (!movedOf(error)) say('bad', inWords(error));
  }
}

/** No answer came: once the plan turns out to be applied, that is told in place of the fault. */
function awaited(id: string, engineer_ids: string[], fault: string, done: (plan: DayPlan) => void): void {
  const about = `lost ${id}`;
  let waits = true;
  const look = () => void readPlan(id).then((now) => {
    if (!waits || !engineer_ids.every((one) => now.applied.includes(one))) return;
    waits = false;
    stop(), unsay(about), done(now);
  }, () => undefined);
  const stop = onEvent(({ topic, id: heard }) => topic === 'plan.applied' && heard === id && look());
  say('bad', fault, undefined, { about, holds: () => true }, LOST_MS);
  setTimeout(stop, LOST_MS);
  look();
}

function told(error: unknown, { onMoved }: Hears): boolean {
  const moved = movedOf(error);
  if (moved) onMoved(moved);
  return Boolean(moved);
}
