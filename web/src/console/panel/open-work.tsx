import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { ifMatch, may } from '../data/calls';
import { jobTypes, merge, territories } from '../data/day';
import { isWaiting } from '../data/risk';
import type { Visit } from '../data/shapes';
import { say } from '../data/toasts';

export const t = dictionary(
  { open: 'Let it be claimed', close: 'Nobody may claim it', isOpen: 'Open to claim', opened: '{number} stands under “Open work to claim” on the phones.', closed: '{number} waits for the desk again.' },
  { open: '开放领取', close: '停止领取', isOpen: '可领取', opened: '{number} 已出现在手机的“可领取的任务”中。', closed: '{number} 重新等待调度台安排。' },
);

/** How visits of this kind and territory find somebody, unless a visit says otherwise. */
const usual = (visit: Visit): string =>
  territories.value.get(visit.territory_id ?? '')?.dispatch_method ?? jobTypes.value.get(visit.job_type_id)?.dispatch_method ?? 'manual';

/** Whether engineers may claim a visit that waits. */
export const isOpen = (visit: Visit): boolean => isWaiting(visit) && (visit.dispatch_method ?? usual(visit)) === 'pool';

/** Puts a visit up to be claimed by whoever can, or takes it back from there. */
export function OpenWork({ visit }: { visit: Visit }) {
  if (!isWaiting(visit)) return null;
  const open = isOpen(visit);
  const turn = async () => {
    const other = usual(visit) === 'pool' ? 'manual' : null;
    try {
      const call = api.PATCH('/api/v1/visits/{row_id}', { params: { path: { row_id: visit.id } }, headers: ifMatch(visit.rev), body: { dispatch_method: open ? other : 'pool' } as never });
      merge([(await result(call)) as unknown as Visit]);
      say('good', t(open ? 'closed' : 'opened', { number: visit.job_number }));
    } catch (error) {
      say('bad', inWords(error));
    }
  };
  return (
    <div class="row">
      {open && <span class="tag">{t('isOpen')}</span>}
      {may('visits.write') && <Button onClick={() => void turn()}>{t(open ? 'close' : 'open')}</Button>}
    </div>
  );
}
