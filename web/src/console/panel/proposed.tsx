import { useEffect, useState } from 'preact/hooks';
import { api } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { day } from '../data/day';
import { go } from '../data/route';
import type { Row, Visit } from '../data/shapes';
import { when } from '../data/time';
import { readPlan, wanted } from '../plan/calls';
import { nameOf, rows } from './facts';

const t = dictionary(
  { gives: 'A proposal gives it to {name}, {time}.', look: 'Look at it' },
  { gives: '有一份建议把它派给 {name}，{time}。', look: '查看建议' },
);

type Place = { plan_id: string; date: string; engineer_id: string; start: string };
const READY = ['done', 'stopped'];

/** Where the plan puts a visit that was proposed because of it; null where there is none that could still be applied. */
export async function placeOf(visit_id: string): Promise<Place | null> {
  const alerts = await rows<Row<'Alert'>>(api.GET('/api/v1/alerts', { params: { query: { visit_id, open: true } as never } }));
  const newest = alerts.filter((one) => one.plan_id).sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  const plan = newest?.plan_id ? await readPlan(newest.plan_id) : null;
  if (!plan || !READY.includes(plan.status)) return null;
  for (const { engineer_id, steps } of plan.routes ?? []) {
    const step = steps.find((one) => one.visit_id === visit_id);
    if (step) return { plan_id: plan.id, date: plan.date, engineer_id, start: step.start };
  }
  return null;
}

/** For a visit to which nobody can go as things stand: the proposal that makes room for it, with the way there. */
export function Proposed({ visit }: { visit: Visit }) {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => void placeOf(visit.id).then(setPlace, () => setPlace(null)), [visit.id, visit.rev]);
  if (!place) return null;
  const look = () => (go('plan', { day: place.date }), (wanted.value = place.plan_id));
  return (
    <Notice kind="good">
      {t('gives', { name: nameOf(place.engineer_id) ?? '—', time: when(place.start, day.value) })} <Button onClick={look}>{t('look')}</Button>
    </Notice>
  );
}
