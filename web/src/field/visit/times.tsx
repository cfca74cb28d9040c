import { formatDuration, formatTime } from '@shared/i18n';
import { world } from '../data/client';
import { type TimeEntry, type Visit, all } from '../data/rows';
import { t } from './words';

/** Travel, work and pause as they were recorded with the steps. */
export function Times({ visit }: { visit: Visit }) {
  const entries = all(world.value, 'time_entries', (it) => it.visit_id === visit.id);
  if (!entries.length) return null;
  entries.sort((a, b) => a.started_at.localeCompare(b.started_at));
  return (
    <section class="card stack tight">
      <h2>{t('times')}</h2>
      <ul class="plain">
        {entries.map((entry) => (
          <li key={entry.id}>
            {t(entry.kind as 'work')}: {formatTime(entry.started_at)}–{entry.ended_at ? formatTime(entry.ended_at) : '…'}{' '}
            <span class="soft">{spent(entry)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function spent(entry: TimeEntry): string {
  if (!entry.ended_at) return t('running');
  return formatDuration((Date.parse(entry.ended_at) - Date.parse(entry.started_at)) / 1000);
}
