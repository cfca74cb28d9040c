import { formatNumber } from '@shared/i18n';
import type { DayPlan } from './shapes';
import { t } from './words';

const TWO_DAYS = 2 * 24 * 60;

/** How long something takes, in minutes, hours, or days where the hours say nothing any more. */
export function spell(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes >= TWO_DAYS) return t('daysN', { n: Math.round(minutes / (24 * 60)) });
  return minutes < 60 ? t('minutes', { n: minutes }) : t('hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

const late = (figures: { late: number; longest_late_s?: number }) =>
  figures.late && figures.longest_late_s ? t('upTo', { n: figures.late, time: spell(figures.longest_late_s) }) : formatNumber(figures.late);

/** What a plan comes to, figure by figure, and what each is as things stand where that can be told. */
export function figures({ totals, before }: Pick<DayPlan, 'totals' | 'before'>): [name: string, value: string, was?: string][] {
  if (!totals) return [];
  return [
    [t('placed'), formatNumber(totals.assigned), before ? formatNumber(before.assigned) : undefined],
    [t('left'), formatNumber(totals.unassigned)],
    [t('moved'), formatNumber(totals.moved)],
    [t('broken'), totals.broken === undefined ? '—' : formatNumber(totals.broken)],
    [t('drive'), spell(totals.drive_seconds), before ? spell(before.drive_seconds) : undefined],
    [t('overtime'), spell(totals.overtime)],
    [t('late'), late(totals), before ? late(before) : undefined],
  ];
}

/** The figures of the proposal. */
export const Totals = ({ plan }: { plan: DayPlan }) => (
  <dl class="totals">
    {figures(plan).map(([name, value, was]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
        {was !== undefined && <dd class="soft was">{t('was', { value: was })}</dd>}
      </div>
    ))}
  </dl>
);
