import { ProblemError } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { open } from '../data/route';
import { when } from '../data/time';
import { minutes, statusName } from '../words';
import { nameOf } from './days';
import { t } from './words';

interface Facts {
  engineer_id: string | null;
  planned_start: string | null;
  window_start: string | null;
  window_end: string | null;
  duration_s: number;
  reach: string;
}
/** Something that is not as the plan saw it: a visit, or an engineer's shift. */
export interface Moved {
  visit_id?: string;
  engineer_id?: string;
  what: string[];
  was?: Facts;
  now?: Facts;
  job_number?: string;
  summary?: string;
  site_name?: string;
  status?: string;
}

/** What the server names when the ground has moved; null when it refuses for another reason. */
export const movedOf = (error: unknown): Moved[] | null =>
  error instanceof ProblemError && error.slug === 'ground-moved' ? ((error.problem.changed as Moved[] | undefined) ?? []) : null;

/** Everything that has changed since the plan was made, with the way to it. */
export function Ground({ moved, onClose }: { moved: Moved[]; onClose: () => void }) {
  return (
    <Notice kind="bad">
      <div class="line">
        <strong class="grow">{t('groundMoved', { n: moved.length })}</strong>
        <Button kind="quiet" aria-label={t('close')} onClick={onClose}>✕</Button>
      </div>
      <ul class="moved">
        {moved.map((one) => (
          <li key={one.visit_id ?? one.engineer_id}>
            {one.visit_id ? (
              <button type="button" class="linkish" onClick={() => open(one.visit_id!)}>
                <b>{one.job_number}</b> {one.summary} <span class="soft">{one.site_name}</span>
              </button>
            ) : <strong>{nameOf(one.engineer_id ?? null)}</strong>}
            <span>{changes(one).join(' · ')}</span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

const SAID: Record<string, (now: Facts, was?: Facts) => string> = {
  engineer_id: (now) => (now.engineer_id ? t('nowWith', { name: nameOf(now.engineer_id) }) : t('nowNobody')),
  planned_start: (now, was) => (now.planned_start ? t(was?.planned_start ? 'nowAtWas' : 'nowAt', { time: when(now.planned_start), was: was?.planned_start ? when(was.planned_start) : '' }) : ''),
  window_start: (now) => t('nowPromised', { time: span(now) }),
  window_end: (now) => t('nowPromised', { time: span(now) }),
  duration_s: (now, was) => t('nowTakes', { time: minutes(now.duration_s), was: was ? minutes(was.duration_s) : '—' }),
  reach: (now) => (now.reach === 'free' ? t('nowFree') : now.reach === 'told' ? t('nowTold') : statusName(now.reach)),
  status: (now) => statusName(now.reach),
  added: (now) => t('nowAdded', { name: nameOf(now.engineer_id), time: now.planned_start ? when(now.planned_start) : '—' }),
};

const span = ({ window_start, window_end }: Facts) => `${window_start ? when(window_start) : ''}–${window_end ? when(window_end) : ''}`;

/** What has changed of one thing, in words; a promised time is told once. */
export function changes({ what, was, now, status }: Moved): string[] {
  return what.flatMap((name) => {
    if (name === 'gone') return status === 'cancelled' ? statusName(status) : t('nowGone');
    if (name === 'shift') return t('nowShift');
    if (name === 'window_end' && what.includes('window_start')) return [];
    return (now && SAID[name]?.(now, was)) || [];
  });
}
