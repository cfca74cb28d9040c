import { formatNumber } from '@shared/i18n';
import type { DayPlan } from './shapes';
import { t } from './words';

export function spell(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? t('minutes', { n: minutes }) : t('hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

const late = (figures: { late: number; longest_late_s?: number }) =>
  figures.late && figures.longest_late_s ? t('upTo', { n: figures.late, time: spell(figures.longest_late_s) }) : formatNumber(figures.late);

/** The figures of the proposal, with what they are as things stand where that can be told. */
export function Totals({ plan: { totals, before } }: { plan: DayPlan }) {
  if (!totals) return null;
  const shown: [string, string, string?][] = [
    [t('placed'), formatNumber(totals.assigned), before ? formatNumber(before.assigned) : undefined],
    [t('left'), formatNumber(totals.unassigned)],
    [t('moved'), formatNumber(totals.moved)],
    ...(totals.broken === undefined ? [] : [[t('broken'), formatNumber(totals.broken)] as [string, string]]),
    [t('drive'), spell(totals.drive_seconds), before ? spell(before.drive_seconds) : undefined],
    [t('overtime'), spell(totals.overtime)],
    [t('late'), late(totals), before ? late(before) : undefined],
  ];
  return (
    <dl class="totals">
      {shown.map(([name, value, was]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {was !== undefined && <dd class="soft was">{t('was', { value: was })}</dd>}
        </div>
      ))}
    </dl>
  );
}
