import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { remembered } from '@shared/remembered';
import { formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';
import { day, engineers, loaded, territory } from '../data/day';
import { OVER, isHere, isWaiting, risks, routes, shownStatus, waiting } from '../data/risk';
import { open } from '../data/route';
import type { Visit } from '../data/shapes';
import { clock, ms } from '../data/time';
import { Empty, Priority, StatusTag } from '../parts/bits';
import { useMore } from '../parts/more';
import { useRoving } from '../parts/roving';
import { Choice } from '../parts/select';
import { Card, Risks, promise } from '../queue/card';
import { t as desk } from '../words';
import { t } from './words';

const COLUMNS = ['urgency', 'number', 'what', 'where', 'promised', 'who', 'start', 'state', 'danger'] as const;
type Column = (typeof COLUMNS)[number];
interface View {
  words: string;
  risky: boolean;
  sort: Column;
  down: boolean;
  shape: 'table' | 'cards';
}
const FIRST: View = { words: '', risky: false, sort: 'urgency', down: false, shape: 'table' };
const KEY = 'console.views';
const ROWS = 200; // drawn at once
const CARDS = 60;

const saved = signal<Record<string, View>>(JSON.parse(remembered.read(KEY) ?? '{}') as Record<string, View>);
const keep = (views: Record<string, View>) => ((saved.value = views), remembered.write(KEY, JSON.stringify(views)));

const nameOf = (visit: Visit) => (visit.engineer_id && engineers.value.get(visit.engineer_id)?.name) || '';
const VALUES: Record<Column, (visit: Visit) => string | number> = {
  urgency: (visit) => visit.priority, number: (visit) => visit.job_number, what: (visit) => visit.summary, where: (visit) => visit.site_name,
  promised: (visit) => ms(visit.window_end) ?? Infinity, who: nameOf, start: (visit) => ms(visit.planned_start) ?? Infinity,
  state: shownStatus, danger: (visit) => -(risks.value.get(visit.id)?.length ?? 0),
};

function fitting({ words, risky, sort, down }: View): Visit[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (visit: Visit) => [visit.job_number, visit.summary, visit.site_name, nameOf(visit), desk(shownStatus(visit))].join(' ').toLowerCase();
  const rows = [...waiting.value, ...[...routes.value.values()].flat().filter(isHere)].filter(
    (visit) => (!risky || risks.value.has(visit.id)) && wanted.every((word) => text(visit).includes(word)),
  );
  const value = VALUES[sort];
  const compare = (a: string | number, b: string | number) => (typeof a === 'number' && typeof b === 'number' ? a - b || 0 : String(a).localeCompare(String(b)));
  return rows.sort((a, b) => (down ? -1 : 1) * compare(value(a), value(b)) || a.job_number.localeCompare(b.job_number));
}

/** All work of the day in one table, or as cards by state; views are named and kept. */
export function Work() {
  const [view, setView] = useState(FIRST);
  const [name, setName] = useState('');
  const change = (values: Partial<View>) => setView({ ...view, ...values });
  const rows = fitting(view);
  const names = Object.keys(saved.value);
  const drop = () => keep(Object.fromEntries(Object.entries(saved.value).filter(([one]) => one !== name)));
  return (
    <section class="page column" aria-label={t('title')}>
      <div class="row board-tools">
        <input class="find" type="search" aria-label={t('filter')} placeholder={t('filterHint')} value={view.words} onInput={(event) => change({ words: event.currentTarget.value })} />
        <label class="check"><input type="checkbox" checked={view.risky} onChange={() => change({ risky: !view.risky })} /> {t('only')}</label>
        <div class="tabs" role="group" aria-label={t('view')}>
          {(['table', 'cards'] as const).map((shape) => <button type="button" key={shape} aria-pressed={view.shape === shape} onClick={() => change({ shape })}>{t(shape)}</button>)}
        </div>
        <span class="grow" />
        <Choice label={t('views')} hidden value={saved.value[name] ? name : ''} options={[['', names.length ? t('views') : t('noView')], ...names.map((one) => [one, one] as const)]}
          onValue={(chosen) => (setName(chosen), setView(saved.value[chosen] ?? FIRST))} />
        <input class="find short" aria-label={t('viewName')} placeholder={t('viewName')} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <Button disabled={!name.trim()} onClick={() => keep({ ...saved.value, [name.trim()]: view })}>{t('saveView')}</Button>
        {saved.value[name] && <Button onClick={drop}>{t('deleteView')}</Button>}
      </div>
      <div class="main" tabIndex={0}>
        {view.shape === 'table' ? <Table view={view} rows={rows} onSort={(sort) => change({ sort, down: view.sort === sort && !view.down })} /> : <Kanban rows={rows} />}
        {!rows.length && loaded.value.at && <Empty title={t('none')}>{t('noneMore')}</Empty>}
      </div>
    </section>
  );
}

function Table({ view, rows, onSort }: { view: View; rows: Visit[]; onSort: (column: Column) => void }) {
  const { shown, more } = useMore(rows, ROWS, JSON.stringify([view, day.value, territory.value]));
  return (
    <>
      <table class="work">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} aria-sort={view.sort === column ? (view.down ? 'descending' : 'ascending') : undefined}>
                <button type="button" onClick={() => onSort(column)}>{t(column)} {view.sort === column && (view.down ? '▾' : '▴')}</button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((visit) => (
            <tr key={visit.id} data-visit={visit.id} onClick={() => open(visit.id)}>
              <td><Priority value={visit.priority} /></td>
              <td class="tight-cell"><button type="button" class="linkish" onClick={() => open(visit.id)}>{visit.job_number}</button></td>
              <td>{visit.summary}</td><td>{visit.site_name}</td><td>{promise(visit)}</td><td>{nameOf(visit)}</td>
              <td class="tight-cell">{visit.planned_start && clock(visit.planned_start)}</td><td><StatusTag visit={visit} /></td><td><Risks visit={visit} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

const LANES = ['waiting', 'planned', 'underway', 'done', 'trouble'] as const;
const TROUBLE = new Set(['cannot_complete', 'disputed', 'aborted']);
const MOVING = new Set(['en_route', 'on_site', 'working', 'paused']);

function laneOf(visit: Visit): (typeof LANES)[number] {
  if (isWaiting(visit)) return 'waiting';
  if (TROUBLE.has(visit.status)) return 'trouble';
  if (OVER.has(visit.status)) return 'done';
  return MOVING.has(visit.status) ? 'underway' : 'planned';
}

function Kanban({ rows }: { rows: Visit[] }) {
  return <div class="kanban">{LANES.map((lane) => <Column key={lane} lane={lane} rows={rows.filter((visit) => laneOf(visit) === lane)} />)}</div>;
}

function Column({ lane, rows }: { lane: (typeof LANES)[number]; rows: Visit[] }) {
  const { shown, more } = useMore(rows, CARDS, `${day.value} ${territory.value}`);
  const { tabOf, list } = useRoving(shown.length);
  return (
    <section aria-label={t(lane)}>
      <h3>{t(lane)} ({formatNumber(rows.length)})</h3>
      <div class="cards" {...list}>{shown.map((visit, place) => <Card key={visit.id} visit={visit} tab={tabOf(place)} />)}</div>
      {more}
    </section>
  );
}
