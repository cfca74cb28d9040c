import { useEffect, useState } from 'preact/hooks';
import { open } from '../data/route';
import { when } from '../data/time';
import { Fault } from '../parts/bits';
import { Choice } from '../parts/select';
import { readPlan } from './calls';
import { nameOf, told } from './days';
import { askedWith, titled } from './named';
import type { DayPlan, Placing } from './shapes';
import { figures } from './totals';
import { t } from './words';

const READY = ['done', 'stopped', 'applied'];

/** Who goes when to each visit of a plan; null where nobody does. */
export function placings(plan: DayPlan): Map<string, Placing | null> {
  const left = (plan.unassigned ?? []).map((one) => [one.visit_id, null] as const);
  const steps = plan.routes!.flatMap(({ engineer_id, steps }) => steps.flatMap(({ visit_id, start }) => (visit_id ? [[visit_id, { engineer_id, start }] as const] : [])));
  return new Map([...left, ...steps]);
}

/** The visits that somebody else has in the other plan, or nobody; in the order of their hours. */
export function differences(a: DayPlan, b: DayPlan): { visit_id: string; here?: Placing | null; there?: Placing | null }[] {
  const [here, there] = [placings(a), placings(b)];
  const at = (id: string) => here.get(id)?.start ?? there.get(id)?.start ?? '';
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((id) => here.get(id)?.engineer_id !== there.get(id)?.engineer_id)
    .sort((one, other) => Date.parse(at(one)) - Date.parse(at(other)))
    .map((visit_id) => ({ visit_id, here: here.get(visit_id), there: there.get(visit_id) }));
}

type Props = { plan: DayPlan; others: readonly DayPlan[] };

/** Another plan of the day beside this one: what each comes to, and who has which visit in the one and not in the other. */
export function Compare({ plan, others }: Props) {
  const [wanted, setWanted] = useState('');
  const [other, setOther] = useState<DayPlan | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setOther(null), setError(null);
    if (wanted) void readPlan(wanted).then(setOther, setError);
  }, [wanted]);
  const offered = others.filter((one) => one.id !== plan.id && READY.includes(one.status));
  if (!offered.length) return null;
  return (
    <>
      <Choice label={t('compare')} value={wanted} onValue={setWanted} options={[['', '—'], ...offered.map((one) => [one.id, `${titled(one, others)} · ${askedWith(one)}`] as const)]} />
      {error ? <Fault error={error} /> : null}
      {other?.routes && <Both one={plan} other={other} among={others} />}
    </>
  );
}

function Both({ one, other, among }: { one: DayPlan; other: DayPlan; among: readonly DayPlan[] }) {
  const [mine, theirs] = [figures(one), figures(other)];
  const differing = differences(one, other);
  return (
    <table class="both" aria-label={t('compare')}>
      <thead><tr><th />{[one, other].map((plan) => <th key={plan.id}>{titled(plan, among)}<br /><span class="soft">{askedWith(plan)}</span></th>)}</tr></thead>
      <tbody>
        {mine.map(([name, value], place) => (
          <tr key={name} class={value === theirs[place]![1] ? '' : 'apart'}><th>{name}</th><td><b>{value}</b></td><td><b>{theirs[place]![1]}</b></td></tr>
        ))}
      </tbody>
      <tbody>
        <tr><th colSpan={3}>{differing.length ? t('differs', { n: differing.length }) : t('sameHands')}</th></tr>
        {differing.map(({ visit_id, here, there }) => {
          const visit = told(one, visit_id) ?? told(other, visit_id);
          return (
            <tr key={visit_id}>
              <td><button type="button" class="linkish" onClick={() => open(visit_id)}><b>{visit?.job_number}</b> {visit?.summary}</button></td>
              <td>{placed(here)}</td>
              <td>{placed(there)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Nobody is another thing than not being looked at. */
const placed = (one: Placing | null | undefined) => (one ? `${nameOf(one.engineer_id)}, ${when(one.start)}` : one === null ? t('nobodyGoes') : t('notAsked'));
