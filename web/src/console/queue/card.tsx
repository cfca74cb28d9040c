import { territories } from '../data/day';
import { asked, open } from '../data/route';
import { risks } from '../data/risk';
import type { Visit } from '../data/shapes';
import { dateOf, when } from '../data/time';
import { day } from '../data/day';
import { grab } from '../board/drag';
import { isOpen, t as openWork } from '../panel/open-work';
import { Priority } from '../parts/bits';
import { minutes } from '../words';
import { t } from './words';

/** The promised time in words. */
export function promise(visit: Pick<Visit, 'window_start' | 'window_end'>): string {
  if (!visit.window_end) return t('anyTime');
  if (!visit.window_start) return `–${when(visit.window_end, day.value)}`;
  return `${when(visit.window_start, day.value)}–${when(visit.window_end, dateOf(Date.parse(visit.window_start)))}`;
}

/** What endangers a visit, in words. */
export function Risks({ visit }: { visit: Visit }) {
  const found = risks.value.get(visit.id) ?? [];
  return (
    <>
      {found.map((risk) => (
        <span key={risk} class={`risk ${risk === 'closing' ? 'soonish' : ''}`}>
          ⚠ {t(risk === 'window' ? 'window_' : risk)}
        </span>
      ))}
    </>
  );
}

/** A visit in the queue: opens on click, and goes onto the board by dragging. */
export function Card({ visit, tab }: { visit: Visit; tab?: number }) {
  const area = visit.territory_id && territories.value.get(visit.territory_id)?.name;
  return (
    <button
      type="button"
      class={`visit-card p${visit.priority}`}
      aria-current={asked('visit') === visit.id || undefined}
      onClick={() => open(visit.id)}
      onPointerDown={(event) => grab(event, visit)}
      data-visit={visit.id}
      tabIndex={tab}
    >
      <span class="line">
        <Priority value={visit.priority} />
        <span class="grow" />
        <span class="soft">{visit.job_number}</span>
      </span>
      <strong>{visit.summary}</strong>
      <span class="soft">{[visit.site_name, area].filter(Boolean).join(' · ')}</span>
      <span class="line">
        <span>
          {promise(visit)} <span class="soft">· {minutes(visit.duration_s)}</span>
        </span>
      </span>
      <span class="line">
        <Risks visit={visit} />
        {isOpen(visit) && <span class="tag">{openWork('isOpen')}</span>}
        {!visit.location && <span class="risk">⚠ {t('noPlace')}</span>}
      </span>
    </button>
  );
}
