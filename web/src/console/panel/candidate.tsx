import { useState } from 'preact/hooks';
import { formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';
import { give } from '../data/assigning';
import { may } from '../data/calls';
import { day, engineers } from '../data/day';
import type { Candidate, Visit } from '../data/shapes';
import { dateOf, ms, when } from '../data/time';
import { PersonName } from '../parts/person';
import { minutes } from '../words';
import { Delays } from './delays';
import { t, termName } from './words';

const LONG_S = 30 * 60; // a wait that is worth a word
const TIGHT_MS = 15 * 60_000;
const LEAST = 0.04; // of the bar, so that the worst has one too

/** How much of the bar a score fills: the best all of it, the others by how far they are behind. */
export function share(score: number, scores: readonly number[]): number {
  const [best, worst] = [Math.max(...scores), Math.min(...scores)];
  const most = Math.max(Math.abs(best), Math.abs(worst), best - worst, 1);
  return Math.max(LEAST, 1 - (best - score) / most);
}

/** When the work begins and is done; the day is said only where it is not the one that is shown. A long wait before it is said, too. */
export function times({ eta, start, end }: Candidate): string {
  const waits = (ms(start)! - ms(eta)!) / 1000;
  const known = t('begins', { start: when(start, day.value), end: when(end, dateOf(ms(start)!)) });
  return waits > LONG_S ? `${known} · ${t('waits', { time: minutes(waits) })}` : known;
}

/** Whether little of the promised time is left when the work begins. */
export const isTight = ({ start }: Candidate, { window_end }: Pick<Visit, 'window_end'>): boolean =>
  window_end !== null && ms(window_end)! - ms(start)! < TIGHT_MS;

/** Who can go: when, for how many points and why, and who would be delayed. */
export function CandidateRow({ visit, one, all }: { visit: Visit; one: Candidate; all: readonly Candidate[] }) {
  const [busy, setBusy] = useState(false);
  const name = engineers.value.get(one.engineer_id)?.name ?? '…';
  const assign = async () => {
    setBusy(true);
    // The moment that was shown is the moment that is meant.
    await give({ visit, engineer_id: one.engineer_id, start: one.start });
    setBusy(false);
  };
  return (
    <li class="candidate">
      <div class="line">
        <strong class="grow"><PersonName id={one.engineer_id} /></strong>
        {visit.engineer_id === one.engineer_id && <span class="tag">{t('holds')}</span>}
        {may('dispatch.assign') && (
          <Button kind="primary" busy={busy} onClick={assign} aria-label={`${t('assign')}: ${name}`}>
            {t('assign')}
          </Button>
        )}
      </div>
      <meter min={0} max={1} value={share(one.score, all.map(({ score }) => score))} aria-hidden="true" />
      <div class="line">
        <span>{times(one)}</span>
        <span class="soft">{t('drive', { n: Math.round(one.added_travel_s / 60) })} · {t('points', { n: Math.round(one.score) })}</span>
      </div>
      {isTight(one, visit) && <p class="warn-ink">⚠ {t('tight', { time: when(visit.window_end!, day.value) })}</p>}
      <ul class="terms">
        {one.terms!.map((term) => (
          <li key={term.name} class={term.points! < 0 ? 'cost' : 'gain'}>
            <b>{formatNumber(term.points!, { maximumFractionDigits: Math.abs(term.points!) < 1000 ? 1 : 0, signDisplay: 'exceptZero' })}</b>
            <span>{termName(term.name!)} <span class="soft">{term.detail}</span></span>
          </li>
        ))}
      </ul>
      <Delays delays={one.delays ?? []} />
    </li>
  );
}
