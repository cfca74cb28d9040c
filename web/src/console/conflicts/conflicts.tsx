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
  const [past, setPast] = useState<Conflict[]>([]);
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
  const conflict = [...(rows ?? []), ...past].find((one) => one.id === chosen) ?? rows?.[0];
  const remember = () => readDecided().then(setPast, setError);
  return (
    <section class="page" aria-label={t('title')}>
      <aside class="stack tight side">
        <h2>{t('open', { n: rows?.length ?? 0 })}</h2>
        {error ? <Fault error={error} onAgain={() => void read()} /> : null}
        {rows && <Listed rows={rows} chosen={conflict} onChoose={setChosen} />}
        <details class="fold" onToggle={(event) => event.currentTarget.open && void remember()}>
          <summary>{t('decidedN')}</summary>
          <Listed rows={past} chosen={conflict} onChoose={setChosen} />
        </details>
      </aside>
      <div class="stack main" tabIndex={0}>
        {conflict ? <Resolver key={conflict.id} conflict={conflict} onDone={() => (void read(), past.length && void remember())} /> : rows && <Empty title={t('none')}>{t('noneMore')}</Empty>}
        <Devices />
      </div>
    </section>
  );
}

const MOST = 50; // decided ones that are shown, the newest of all

async function readDecided(): Promise<Conflict[]> {
  const query = { status: ['resolved'], limit: MOST, sort: '-updated_at' };
  return ((await result(api.GET('/api/v1/conflicts', { params: { query: query as never } }))) as unknown as { items: Conflict[] }).items;
}

type Chosen = { rows: Conflict[]; chosen: Conflict | undefined; onChoose: (id: string) => void };

const Listed = ({ rows, chosen, onChoose }: Chosen) => (
  <>
    {rows.map((one) => (
      <button type="button" class="linkish" key={one.id} aria-current={one.id === chosen?.id || undefined} onClick={() => onChoose(one.id)}>
        <span><strong>{kindName(one.kind)}</strong><br />
          <Subject conflict={one} /><br />
          <span class="soft">{(one.engineer_id && engineers.value.get(one.engineer_id)?.name) ?? ''} {when(one.created_at)}</span></span>
      </button>
    ))}
  </>
);
