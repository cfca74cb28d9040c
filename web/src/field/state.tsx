import { useEffect, useState } from 'preact/hooks';
import { dictionary, formatDuration, formatNumber } from '@shared/i18n';
import { session } from '@shared/api';
import { signInAddress } from '@shared/apps';
import { openConflicts } from './conflicts';
import { nudge, standing } from './data/client';
import { waitingPhotos } from './photos/uploads';

const t = dictionary(
  {
    allSent: 'Everything is sent',
    unsent: { one: '{n} unsent, {age} old', other: '{n} unsent, oldest {age}' },
    photos: { one: '{n} photo waiting', other: '{n} photos waiting' },
    files: { one: '{n} file waiting', other: '{n} files waiting' },
    percent: '{done} sent',
    offline: 'No connection',
    sending: 'Sending…',
    ended: 'Sign in again to send your work',
    loading: 'Loading your work…',
    tooOld: 'This version is too old: use the new one',
    held: '{n} wait for an earlier one',
    troubles: { one: 'one to look at', other: '{n} to look at' },
  },
  {
    allSent: '已全部发送',
    unsent: { one: '{n} 项未发送，已等待 {age}', other: '{n} 项未发送，最早的已等待 {age}' },
    photos: { one: '{n} 张照片等待发送', other: '{n} 张照片等待发送' },
    files: { one: '{n} 个文件等待发送', other: '{n} 个文件等待发送' },
    percent: '已发送 {done}',
    offline: '无网络连接',
    sending: '正在发送…',
    ended: '请重新登录以发送您的工作',
    loading: '正在下载您的任务…',
    tooOld: '此版本过旧，请使用新版本',
    held: '{n} 项等待前一项',
    troubles: '{n} 项需要核对',
  },
);
const REDRAW_MS = 20_000;
const NETWORK = ['online', 'offline'] as const;

/** One honest line: what is not sent yet and how old it is, at all times. Pressing it tries again. */
export function StateLine() {
  useRedraw();
  const state = standing.value;
  if (!state) return null;
  const { phase, unsent, held } = state;
  const offline = phase === 'offline' || !navigator.onLine; // the browser knows before the next request fails
  const troubles = openConflicts(); // what the screen of conflicts lists as waiting: a decision ends it
  const fault = phase === 'failed' ? state.problem : phase === 'too_old' ? t('tooOld') : null;
  const kind = fault ? 'bad' : unsent || waitingPhotos.value.count || offline ? 'warn' : 'good';
  if (!session.signedIn || phase === 'signed_out') {
    return <a class="state-line bad" href={signInAddress()} data-state="bad">{t('ended')} · {waiting()}</a>;
  }
  return (
    <button type="button" class={`state-line ${kind}`} onClick={nudge} data-state={kind} data-unsent={unsent}>
      <span role="status">
        {[
          offline && t('offline'),
          fault,
          waiting() || t(state.levelAt ? 'allSent' : 'loading'),
          held > 0 && t('held', { n: held }),
          troubles > 0 && t('troubles', { n: troubles }),
          phase === 'syncing' && unsent > 0 && t('sending'),
        ].filter(Boolean).join(' · ')}
      </span>
    </button>
  );
}

/** What waits here, in words; empty when nothing does. */
export function waiting(): string {
  const { unsent = 0, oldestAt = null } = standing.value ?? {};
  const { count, spoken, size, sent } = waitingPhotos.value;
  const age = oldestAt ? formatDuration(Math.max(0, (Date.now() - Date.parse(oldestAt)) / 1000)) : '';
  const share = size ? t('percent', { done: formatNumber(sent / size, { style: 'percent' }) }) : '';
  return [unsent > 0 && t('unsent', { n: unsent, age }), count > 0 && `${t(spoken ? 'files' : 'photos', { n: count })} (${share})`]
    .filter(Boolean).join(' · ');
}

/** Ages grow, and the network comes and goes, while nothing else happens. */
function useRedraw(): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const again = () => redraw(performance.now());
    const timer = setInterval(again, REDRAW_MS);
    for (const change of NETWORK) addEventListener(change, again);
    return () => {
      clearInterval(timer);
      for (const change of NETWORK) removeEventListener(change, again);
    };
  }, []);
}
