import { useState } from 'preact/hooks';
import { session } from '@shared/api';
import { formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';
import { Bar } from '@shared/ui/shell';
import { crowded, day, loaded, now, territories, territory } from '../data/day';
import { link } from '../data/events';
import { openConflicts } from '../data/live';
import { SCREENS, address, follow, go, screen } from '../data/route';
import { load } from '../data/day';
import { DAYS, clock, dateOf, dayIn, dayName, shifted } from '../data/time';
import { dismiss, toasts, undo } from '../data/toasts';
import { creating, helping, searching } from '../desk-state';
import { MOST, may, mayOpen } from '../data/calls';
import { t } from '../words';

/** The bar of the desk: where one can go, which day and territory, whether it is live. */
export function Top() {
  return (
    <div class="top">
      <Bar title={session.current.value?.user.organisation?.name ?? 'Callout'}>
        <nav class="screens" aria-label={t('screens')}>
          {SCREENS.filter(mayOpen).map((name) => (
            <a key={name} href={address(name)} aria-current={screen() === name ? 'page' : undefined} onClick={follow}>
              {t(name)}
              {name === 'conflicts' && Boolean(openConflicts.value) && <span class="count">{openConflicts.value}</span>}
            </a>
          ))}
        </nav>
      </Bar>
      <div class="tools">
        <Days />
        <select class="button quiet" aria-label={t('territory')} value={territory.value ?? ''}
          onChange={(event) => (territory.value = event.currentTarget.value || null)}>
          <option value="">{t('allTerritories')}</option>
          {[...territories.value.values()].map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
        <span class="grow" />
        <Link />
        <Button kind="quiet" aria-label={t('keys')} title={t('keys')} onClick={() => (helping.value = true)}><kbd class="alone">?</kbd></Button>
        <Button onClick={() => (searching.value = true)} title={t('searchHint')}>⌕ {t('search')} <kbd>/</kbd></Button>
        {may('jobs.write') && (
          <Button kind="primary" onClick={() => (creating.value = true)}>＋ {t('newJob')} <kbd>n</kbd></Button>
        )}
      </div>
      <Banner />
    </div>
  );
}

function Days() {
  const to = (date: string) => go(screen(), { day: date === dateOf(now.value) ? null : date });
  const [typed, setTyped] = useState<string | null>(null); // what stands in the box while somebody writes there
  const type = (text: string) => (setTyped(text), dayIn(text) && to(text));
  return (
    <div class="row days">
      <Button kind="quiet" aria-label={t('dayBefore')} title={t('dayBefore')} onClick={() => to(shifted(day.value, -1))}>‹</Button>
      <label class="day">
        <span class="hidden-text">{t('dayShown')}</span>
        <input type="date" {...DAYS} value={typed ?? day.value} onInput={(event) => type(event.currentTarget.value)} onBlur={() => setTyped(null)} />
        <span aria-hidden="true">{dayName(day.value)}</span>
      </label>
      <Button kind="quiet" aria-label={t('dayAfter')} title={t('dayAfter')} onClick={() => to(shifted(day.value, 1))}>›</Button>
      {day.value !== dateOf(now.value) && <Button onClick={() => to(dateOf(now.value))}>{t('today')}</Button>}
    </div>
  );
}

function Link() {
  const { state, since } = link.value;
  return <span class={`link ${state}`} role="status" title={clock(since)}>● {t(state)}</span>;
}

function Banner() {
  const { fault, at } = loaded.value;
  if (link.value.state === 'gone') return <p class="banner" role="alert">{t('offline', { time: clock(link.value.since) })}</p>;
  if (fault) return (
    <p class="banner" role="alert">{t('fault', { words: fault })} <Button onClick={() => void load()}>{t('again')}</Button></p>
  );
  if (!at) return <p class="soft" role="status" aria-busy="true">{t('loading')}</p>;
  const { cut, area } = crowded.value;
  return cut ? <p class="banner" role="status">{t(area ? 'cutHere' : 'cut', { n: formatNumber(MOST) })}</p> : null;
}

/** What was done, with the way back. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`notice ${toast.kind}`}>
          <span>{toast.words}</span>
          {toast.undo && <Button onClick={() => void undo(toast)} title="Ctrl+Z">{t('undo')}</Button>}
          <Button kind="quiet" aria-label={t('dismiss')} onClick={() => dismiss(toast.id)}>✕</Button>
        </div>
      ))}
    </div>
  );
}
