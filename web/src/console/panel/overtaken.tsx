import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { day, engineers } from '../data/day';
import { overtaken } from '../data/overtaken';
import { clock, when } from '../data/time';
import { Dialog } from '../parts/bits';
import { t as desk } from '../words';

const t = dictionary(
  {
    title: 'Somebody else decided meanwhile', somebody: 'Somebody else', nobody: 'a crew', state: 'It is now: {state}.', leave: 'Leave it so', anyway: 'Decide otherwise all the same',
    given: '{who} gave {number} to {name} a moment ago, at {at}.', back: '{who} took {number} back a moment ago, at {at}: it waits again.',
    moved: '{who} moved {number} to {time} a moment ago, at {at}.', changed: '{who} changed {number} a moment ago, at {at}.', planned: 'It is planned for {time}.',
  },
  {
    title: '期间他人已作决定', somebody: '他人', nobody: '班组', state: '当前状态：{state}。', leave: '保持现状', anyway: '仍按我的决定',
    given: '{who} 刚刚（{at}）把 {number} 派给了 {name}。', back: '{who} 刚刚（{at}）收回了 {number}：重新等待安排。',
    moved: '{who} 刚刚（{at}）把 {number} 改到 {time}。', changed: '{who} 刚刚（{at}）更改了 {number}。', planned: '计划时间：{time}。',
  },
);

/** Two decided at once: who decided what, and whether it shall stand. */
export function Meanwhile() {
  const met = overtaken.value;
  if (!met) return null;
  const { now, how, who, at, goOn } = met;
  const done = () => (overtaken.value = null);
  const time = now.planned_start ? when(now.planned_start, day.value) : '—';
  const name = (now.engineer_id && engineers.value.get(now.engineer_id)?.name) || t('nobody');
  return (
    <Dialog label={t('title')} onClose={done}>
      <div class="stack tight">
        <p><strong>{t(how, { who: who ?? t('somebody'), number: now.job_number, name, time, at: clock(at) })}</strong></p>
        {how === 'given' && now.planned_start && <p>{t('planned', { time })}</p>}
        {how === 'changed' && <p>{t('state', { state: desk(now.status) })}</p>}
        <div class="row">
          <Button kind="primary" onClick={done}>{t('leave')}</Button>
          <Button onClick={() => (done(), goOn(now))}>{t('anyway')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
