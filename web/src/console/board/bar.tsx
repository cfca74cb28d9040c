import { legs } from '../data/day';
import { ends, risks, starts } from '../data/risk';
import { asked, open } from '../data/route';
import type { Visit } from '../data/shapes';
import { clock, ms } from '../data/time';
import { t as desk } from '../words';
import { grab } from './drag';
import { LANE, PAD, type Placed } from './rows';
import { t } from './words';

/** Below these widths (px) a bar has no room for the site's name, for words at all, or even for the hour. */
const [SITELESS, WORDLESS, HOURLESS] = [90, 56, 42];

export type Scale = (moment: number) => number;

/** A visit on the board, with the drive to it. */
export function Bar({ placed: { visit, lane }, x }: { placed: Placed; x: Scale }) {
  const [from, to] = [starts(visit)!, ends(visit)!];
  const found = risks.value.get(visit.id) ?? [];
  const top = PAD + lane * LANE;
  const width = Math.max(10, x(to) - x(from));
  const warning = found.length ? '⚠ ' : '';
  const label = t('bar', { number: visit.job_number, summary: visit.summary, status: desk(visit.status), from: clock(from), to: clock(to) });
  const take = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    grab(event, visit, ((event.clientX - box.left) / box.width) * (to - from));
  };
  return (
    <>
      <Drive visit={visit} x={x} top={top} tight={found.includes('travel')} />
      <button
        type="button"
        class={`trip s-${visit.status} p${visit.priority} ${found.length ? 'risky' : ''} ${width < SITELESS ? 'narrow' : ''}`}
        style={{ left: `${x(from)}px`, width: `${width}px`, top: `${top}px`, height: `${LANE - 4}px` }}
        aria-current={asked('visit') === visit.id || undefined}
        title={label}
        data-visit={visit.id}
        onClick={() => open(visit.id)}
        onPointerDown={take}
      >
        <b>{warning && width < WORDLESS ? warning : warning + visit.summary}</b>
        {width >= HOURLESS && <span>{clock(from)} {width >= SITELESS && visit.site_name}</span>}
        <span class="hidden-text">{[label, ...found].join('; ')}</span>
      </button>
      {visit.window_end && found.includes('window') && (
        <i class="missed" style={{ left: `${x(ms(visit.window_end)!)}px`, top: `${top}px`, height: `${LANE - 4}px` }} />
      )}
    </>
  );
}

/** The time on the road before a visit: red where there is less of it than the drive takes. */
function Drive({ visit, x, top, tight }: { visit: Visit; x: Scale; top: number; tight: boolean }) {
  const seconds = legs.value.get(visit.id)?.travel_s;
  if (!seconds) return null;
  const until = starts(visit)!;
  const left = x(until - seconds * 1000);
  const n = Math.round(seconds / 60);
  return (
    <i
      class={`drive ${tight ? 'tight' : ''}`}
      title={t(tight ? 'tight' : 'drive', { n })}
      style={{ left: `${left}px`, width: `${x(until) - left}px`, top: `${top + LANE / 2 - 4}px` }}
    />
  );
}
