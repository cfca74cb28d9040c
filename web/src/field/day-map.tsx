import { dictionary, formatNumber } from '@shared/i18n';
import { world } from './data/client';
import type { Point, Visit } from './data/rows';
import { myPlace } from './positions';
import { address } from './route';
import { sketch } from './sketch';

const t = dictionary(
  { title: 'Map of the day', hint: 'North is up. Drawn on this phone: it needs no network. Press a number to see the visit.', you: 'You' },
  { title: '今日地图', hint: '上方为北。由本手机绘制，无需网络。点按数字可查看任务。', you: '您' },
);
const WIDTH = 288, HEIGHT = 260, MARGIN = 36, REACH = 28, DOT = 17;

interface Stop {
  numbers: number[];
  visit: Visit;
  place: Point;
  words: string;
}

/** Where the day's visits lie to each other, in their order, with the phone's own place where it is known. */
export function DayMap({ visits }: { visits: Visit[] }) {
  const stops = stopsOf(visits);
  if (!stops.length) return null;
  const mine = myPlace();
  const { at, bar } = sketch([...stops.map(({ place }) => place), ...(mine ? [mine] : [])], WIDTH, HEIGHT, MARGIN);
  const me = mine && at.at(-1)!;
  return (
    <details class="card map">
      <summary>{t('title')} ({formatNumber(stops.length)})</summary>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={t('title')}>
        <polyline points={stops.map((_, place) => `${at[place]!.x},${at[place]!.y}`).join(' ')} />
        {me && <circle class="me" cx={me.x} cy={me.y} r="9"><title>{t('you')}</title></circle>}
        {stops.map((stop, place) => <Pin key={stop.visit.id} stop={stop} {...at[place]!} />).reverse()}
        <path class="bar" d={`M8 ${HEIGHT - 14}v6h${bar.length}v-6`} />
        <text x={14 + bar.length} y={HEIGHT - 8} class="length">{length(bar.metres)}</text>
      </svg>
      <p class="soft">{t('hint')}</p>
    </details>
  );
}

/** A number to press; the next visit lies on top. */
function Pin({ stop, x, y }: { stop: Stop; x: number; y: number }) {
  return (
    <a href={address('visits', stop.visit.id)} aria-label={`${stop.numbers.join(', ')}: ${stop.words}`}>
      <circle class="reach" cx={x} cy={y} r={REACH} />
      <circle class={`pin ${stop.visit.status}`} cx={x} cy={y} r={DOT} />
      <text x={x} y={y} text-anchor="middle" dominant-baseline="central">{stop.numbers[0]}{stop.numbers.length > 1 && '+'}</text>
    </a>
  );
}

/** One stop a site, whatever is to be done there; what has no place is left out. */
function stopsOf(visits: Visit[]): Stop[] {
  const stops = new Map<string, Stop>();
  visits.forEach((visit, place) => {
    const job = world.value.jobs.get(visit.job_id);
    const site = world.value.sites.get(job?.site_id ?? '');
    if (!site?.location) return;
    const known = stops.get(site.id);
    if (known) known.numbers.push(place + 1);
    else stops.set(site.id, { numbers: [place + 1], visit, place: site.location, words: `${job!.summary}, ${site.name}` });
  });
  return [...stops.values()];
}

function length(metres: number): string {
  const [value, unit] = metres >= 1_000 ? [metres / 1_000, 'kilometer'] : [metres, 'meter'];
  return formatNumber(value, { style: 'unit', unit, unitDisplay: 'short' });
}
