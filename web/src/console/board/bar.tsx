import { legs } from '../data/day';
import { span } from '../data/really';
import { isRisky, isUndone, risks } from '../data/risk';
import { asked, open } from '../data/route';
import type { Visit } from '../data/shapes';
import { clock, ms } from '../data/time';
import { t as queue } from '../queue/words';
import { t as desk } from '../words';
import { grab } from './drag';
import { LANE, PAD, type Placed } from './rows';
import { t } from './words';

/** Below these widths (px) a bar has no room for the site's name, or for words and the hour. */
const [SITELESS, WORDLESS] = [96, 58];

/** How a visit stands, in one sign: what begins, goes on or is over tells more than a cut-off word. */
const SIGNS: Partial<Record<Visit['status'], string>> = {
  en_route: '➜', on_site: '◉', working: '▶', paused: '‖', completed: '✓', approved: '✓', confirmed: '✓',
  cannot_complete: '✕', disputed: '✕', aborted: '✕',
};
/** The last figures of a job's number, as people say it. */
const shortly = (number: string) => number.replace(/^.*?0*(\d{1,4})$/, '$1');

export type Scale = (moment: number) => number;

/** A visit on the board, with the drive to it. */
export function Bar({ placed: { visit, lane }, x, tab }: { placed: Placed; x: Scale; tab: number }) {
  const [from, to] = span(visit);
  const found = risks.value.get(visit.id) ?? [];
  const top = PAD + lane * LANE;
  const width = Math.max(10, x(to) - x(from));
  const [late, risky] = [isUndone(visit), isRisky(visit)];
  const sign = late ? '↷' : risky ? '⚠' : (SIGNS[visit.status] ?? '');
  const label = t('bar', { number: visit.job_number, summary: visit.summary, where: visit.site_name, status: desk(visit.status), from: clock(from), to: clock(to) });
  const words = found.map((one) => queue(one === 'window' ? 'window_' : one));
  const take = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    grab(event, visit, ((event.clientX - box.left) / box.width) * (to - from));
  };
  return (
    <>
      <Drive visit={visit} x={x} top={top} tight={found.includes('travel')} />
      <button
        type="button"
        class={`trip s-${visit.status} p${visit.priority} ${risky ? 'risky' : ''} ${late ? 'late' : ''} ${width < SITELESS ? 'narrow' : ''}`}
        style={{ left: `${x(from)}px`, width: `${width}px`, top: `${top}px`, height: `${LANE - 4}px` }}
        aria-current={asked('visit') === visit.id || undefined}
        title={[label, ...words].join('\n')}
        data-visit={visit.id}
        tabIndex={tab}
        onClick={() => open(visit.id)}
        onPointerDown={take}
      >
        {width < WORDLESS ? <Small sign={sign} number={shortly(visit.job_number)} /> : (
          <>
            <b>{sign} {visit.summary}</b>
            <span>{clock(from)} {width >= SITELESS && visit.site_name}</span>
          </>
        )}
        <span class="hidden-text">{[label, ...words].join('; ')}</span>
      </button>
      {visit.window_end && found.includes('window') && (
        <i class="missed" style={{ left: `${x(ms(visit.window_end)!)}px`, top: `${top}px`, height: `${LANE - 4}px` }} />
      )}
    </>
  );
}

/** What a small bar has room for: how it stands, and which it is. */
const Small = ({ sign, number }: { sign: string; number: string }) => (
  <>
    {sign && <b>{sign}</b>}
    <span>{number}</span>
  </>
);

/** The time on the road before a visit: red where there is less of it than the drive takes. */
function Drive({ visit, x, top, tight }: { visit: Visit; x: Scale; top: number; tight: boolean }) {
  const seconds = legs.value.get(visit.id)?.travel_s;
  if (!seconds) return null;
  const [until] = span(visit);
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
