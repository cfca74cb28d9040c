import { world } from '../data/client';
import { address } from '../route';
import { following } from '../today';
import { t as shared } from '../words';
import { t } from './words';

/** Where to go when this visit is over: the next one of the day, or the list of the day. */
export function Onward() {
  const next = following(world.value, new Date());
  return (
    <div class="next">
      <a class="button primary" href={next ? address('visits', next.id) : address()}>
        {next ? t('onward', { what: world.value.jobs.get(next.job_id)?.summary ?? '' }) : shared('today')}
      </a>
    </div>
  );
}
