import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { all } from '../data/calls';
import { engineers } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import type { Conflict } from '../data/shapes';
import { when } from '../data/time';
import { Empty, Fault } from '../parts/bits';
import { Devices } from './devices';
import { Resolver } from './resolver';
import { Subject } from './subject';
import { kindName, t } from './words';

/** Two truths that met, side by side, and the devices that they come from. */
export function Conflicts() {
  const [rows, setRows] = useState<Conflict[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = () =>
    all<Conflict>(async (cursor) => (await result(api.GET('/api/v1/conflicts', { params: { query: { status: ['open'], limit: 200, cursor } as never } }))) as never).then(
      (found) => (setRows(found), setError(null)),
      setError,
    );
  useEffect(() => {
    void read();
    const soon = gathered(read, 200);
    return onEvent(({ topic }) => topic.startsWith('conflict.') && soon());
  }, []);
  const conflict = rows?.find((one) => one.id === chosen) ?? rows?.[0];
  return (
    <section class="page" aria-label={t('title')}>
      <aside class="stack tight side">
        <h2>{t('open', { n: rows?.length ?? 0 })}</h2>
        {error ? <Fault error={error} onAgain={() => void read()} /> : null}
        {rows?.map((one) => (
          <button type="button" class="linkish" key={one.id} aria-current={one.id === conflict?.id || undefined} onClick={() => setChosen(one.id)}>
            <span><strong>{kindName(one.kind)}</strong><br />
              <Subject conflict={one} /><br />
              <span class="soft">{(one.engineer_id && engineers.value.get(one.engineer_id)?.name) ?? ''} {when(one.created_at)}</span></span>
          </button>
        ))}
      </aside>
      <div class="stack main" tabIndex={0}>
        {conflict ? <Resolver key={conflict.id} conflict={conflict} onDone={() => void read()} /> : rows && <Empty title={t('none')}>{t('noneMore')}</Empty>}
        <Devices />
      </div>
    </section>
  );
}
