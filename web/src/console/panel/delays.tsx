import { visits } from '../data/day';
import { minutes } from '../words';
import { t } from './words';

type Later = { visit_id?: string; delay_s?: number; late_s?: number };

/** Who would be delayed, before it counts. */
export function Delays({ delays }: { delays: readonly Later[] }) {
  if (!delays.length) return <p class="soft">✓ {t('noDelay')}</p>;
  return (
    <div class="delays">
      <strong>⚠ {t('delays', { n: delays.length })}</strong>
      <ul>
        {delays.map((one) => (
          <li key={one.visit_id}>
            {t('delay', { number: visits.value.get(one.visit_id!)?.job_number ?? '…', minutes: minutes(one.delay_s ?? 0) })}
            {Boolean(one.late_s) && <b class="bad-ink"> · {t('late', { minutes: minutes(one.late_s!) })}</b>}
          </li>
        ))}
      </ul>
    </div>
  );
}
