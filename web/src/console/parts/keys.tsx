import { dictionary } from '@shared/i18n';
import { may, mayOpen } from '../data/calls';
import { SCREENS } from '../data/route';
import { helping } from '../desk-state';
import { letters } from '../keys';
import { t as desk } from '../words';
import { Dialog } from './bits';

const t = dictionary(
  {
    title: 'Keys of the desk', search: 'Search everything', call: 'Take a call', queue: 'To the queue; arrows, Home and End walk in it', bars: 'To the board; arrows walk along a row and between rows, Enter opens', day: 'Day before, day after', undo: 'Undo the last assignment', close: 'Close what is open', keys: 'This list',
    letters: 'Single keys count (Ctrl Z and Esc always do)',
    hand: 'Whatever is dragged can be typed: “Assign by hand” in the open visit.',
  },
  {
    title: '调度台快捷键', search: '搜索全部', call: '接电话', queue: '到队列；用方向键、Home、End 移动', bars: '到排程板；用方向键在行内和行间移动，Enter 打开', day: '前一天、后一天', undo: '撤销上一次派发', close: '关闭打开的内容', keys: '本列表',
    letters: '启用单键快捷键（Ctrl Z 和 Esc 始终有效）',
    hand: '凡可拖动的都可输入：打开上门后用“手动派发”。',
  },
);

/** What can be done without a mouse, on one page. */
export function Keys() {
  const screens = SCREENS.flatMap((name, number) => (mayOpen(name) ? [[String(number + 1), desk(name)] as const] : []));
  const call = may('jobs.write') ? [['n', t('call')] as const] : [];
  const undo = may('dispatch.assign') ? [['Ctrl Z', t('undo')] as const] : [];
  const rows = [['/', t('search')], ...call, ['q', t('queue')], ['b', t('bars')], ['[ ]', t('day')], ...screens, ...undo, ['Esc', t('close')], ['?', t('keys')]] as const;
  return (
    <Dialog light label={t('title')} onClose={() => (helping.value = false)}>
      <div class="stack tight">
        <dl class="keys">{rows.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
        <label class="check"><input type="checkbox" checked={letters.value} onChange={() => (letters.value = !letters.value)} /> {t('letters')}</label>
        {may('dispatch.assign') && <p class="soft">{t('hand')}</p>}
      </div>
    </Dialog>
  );
}
