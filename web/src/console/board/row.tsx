import { may } from '../data/calls';
import { dayEnds, latest } from '../data/day';
import { clock, ms } from '../data/time';
import { PersonName } from '../parts/person';
import { dragged } from './drag';
import { Bar, type Scale } from './bar';
import { today } from './hours';
import type { BoardRow } from './rows';
import { t } from './words';

const STALE_S = 15 * 60;

/** The name beside a row, with how fresh the position is. */
export function Name({ row }: { row: BoardRow }) {
  const position = latest.value.get(row.engineer.id);
  const stale = !position || position.age_s > STALE_S;
  return (
    <div class="name" style={{ height: `${row.height}px` }}>
      <strong><PersonName id={row.engineer.id} tab={-1} /></strong>
      <span class="soft">
        {may('positions.read') && <span class={stale ? 'dot stale' : 'dot'} aria-hidden="true" />} {t('free', { n: row.bars.length })}
        {!row.shifts.length && ` · ${t('off')}`}
      </span>
    </div>
  );
}

/** The hours of an engineer: shift, breaks, absences, visits; while something is dragged, where it would go. */
export function Hours({ row, x, stop }: { row: BoardRow; x: Scale; stop: string | undefined }) {
  const drop = dragged.value?.over === row.engineer.id ? dragged.value : null;
  return (
    <div class={`hours ${drop ? 'target' : ''}`} style={{ height: `${row.height}px` }} data-engineer={row.engineer.id}>
      {row.shifts.map((shift) => (
        <i key={shift.id} class="shift" style={between(x, ms(shift.starts_at)!, ms(shift.ends_at)!)} />
      ))}
      {row.shifts.flatMap((shift) =>
        (shift.breaks ?? []).map((pause) => {
          const from = ms(pause.window_start)!;
          return <i key={pause.window_start} class="break" title={t('break')} style={between(x, from, from + pause.duration_s * 1000)} />;
        }),
      )}
      {row.absences.map((one) => (
        <i key={one.id} class="away" title={t('away')} style={between(x, ms(one.starts_at)!, ms(one.ends_at)!)} />
      ))}
      {today.value !== null && <i class="now" title={`${t('now')} ${clock(today.value)}`} style={{ left: `${x(today.value)}px` }} />}
      <i class="midnight" style={{ left: `${x(dayEnds.value)}px` }} />
      {row.bars.map((bar) => (
        <Bar key={bar.visit.id} placed={bar} x={x} tab={bar.visit.id === stop ? 0 : -1} />
      ))}
      {drop?.start && <i class="drop" style={between(x, drop.start, drop.start + drop.visit.duration_s * 1000)} />}
    </div>
  );
}

const between = (x: Scale, from: number, to: number) => ({ left: `${x(from)}px`, width: `${x(to) - x(from)}px` });
