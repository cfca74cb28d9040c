import { open } from '../data/route';
import { breaks, nameOf, told } from './days';
import type { DayPlan } from './shapes';
import { spell } from './totals';
import { t } from './words';

/** Whom and what the figures above are about: who works longer, which visits are past their deadline, which promises break. */
export function Worries({ plan }: { plan: DayPlan }) {
  const routes = plan.routes!;
  const overtime = routes.filter((route) => route.overtime_s);
  const late = routes.flatMap(({ steps }) => steps.flatMap(({ visit_id, late_s }) => (visit_id && late_s ? [{ visit_id, more: spell(late_s) }] : [])));
  const broken = (plan.difference ?? []).filter((one) => breaks(plan, one)).map(({ visit_id }) => ({ visit_id, more: '' }));
  return (
    <ul class="moved">
      {overtime.length > 0 && <li><strong>{t('overtime')}</strong> {overtime.map((route) => `${nameOf(route.engineer_id)} ${spell(route.overtime_s)}`).join(' · ')}</li>}
      {late.length > 0 && <li><strong class="warn-ink">⚠ {t('late')}</strong> {late.map((one) => <Which key={one.visit_id} plan={plan} {...one} />)}</li>}
      {broken.length > 0 && <li><strong class="warn-ink">⚠ {t('broken')}</strong> {broken.map((one) => <Which key={one.visit_id} plan={plan} {...one} />)}</li>}
    </ul>
  );
}

function Which({ plan, visit_id, more }: { plan: DayPlan; visit_id: string; more: string }) {
  const visit = told(plan, visit_id);
  return <button type="button" class="linkish" title={visit?.summary ?? ''} onClick={() => open(visit_id)}>{visit?.job_number} {more}</button>;
}
