import { type Heard, customers } from '../data/customers';
import { asked, open, openJob } from '../data/route';
import { when } from '../data/time';
import { t } from './words';

const isOpen = ({ job_id, visit_id }: Heard) => (visit_id ? asked('visit') === visit_id : asked('job') === job_id);
const show = ({ job_id, visit_id }: Heard) => (visit_id ? open(visit_id, 'job') : openJob(job_id));

/** Customers who wait for the office, the newest first. */
export function Customers({ tabOf }: { tabOf: (place: number) => number }) {
  return (
    <>
      {customers.value.map((one, place) => (
        <button key={one.id} type="button" class="visit-card p2" tabIndex={tabOf(place)} aria-current={isOpen(one) || undefined} onClick={() => show(one)}>
          <span class="line">
            <span class="risk">⚠ {t(one.kind)}</span>
            <span class="grow" />
            <span class="soft">{one.number}</span>
          </span>
          <strong>{one.summary}</strong>
          {one.words && <span>“{one.words}”</span>}
          <span class="soft">{when(one.at)}</span>
        </button>
      ))}
    </>
  );
}
