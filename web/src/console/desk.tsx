import type { ComponentChildren, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Board } from './board/board';
import { type Heard, followCustomers } from './data/customers';
import { mayOpen } from './data/calls';
import { begin } from './data/live';
import { type Screen, asked, screen } from './data/route';
import { say } from './data/toasts';
import { creating, helping, person, searching } from './desk-state';
import { keys } from './keys';
import { Check } from './panel/manual';
import { Meanwhile } from './panel/overtaken';
import { Panel } from './panel/panel';
import { Empty } from './parts/bits';
import { keepFocus } from './parts/focus';
import { Keys } from './parts/keys';
import { NewJob } from './parts/new-job';
import { Person } from './parts/person';
import { Safe } from './parts/safe';
import { Search } from './parts/search';
import { Toasts, Top } from './parts/top';
import { Queue } from './queue/column';
import { t as queue } from './queue/words';
import { t } from './words';

/** Whoever plans or resolves conflicts sees no queue, and hears of it all the same. */
const tell = ({ kind, number, words }: Heard) => say('warn', kind === 'wrote' ? queue('news', { number, words: words ?? '' }) : queue('newsWrong', { number }));

/** The desk: the bar, a screen, what is open beside it, and what lies over it. */
export function Desk() {
  useEffect(begin, []);
  useEffect(keepFocus, []);
  useEffect(() => followCustomers(tell), []);
  useEffect(() => {
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);
  const name = screen();
  return (
    <div class="desk">
      <Top />
      <main class={`screen ${asked('visit') || asked('job') ? 'with-panel' : ''}`} aria-label={t(name)} tabIndex={-1}>
        <Safe of={name}><Shown name={name} /></Safe>
        <Safe of={asked('visit') ?? asked('job') ?? ''}><Panel /></Safe>
      </main>
      <Check />
      <Meanwhile />
      {searching.value && <Search />}
      {creating.value && <NewJob />}
      {helping.value && <Keys />}
      {person.value && <Person id={person.value} />}
      <Toasts />
    </div>
  );
}

const PARTS = {
  map: () => import('./map/map').then((part) => part.MapScreen),
  work: () => import('./work/work').then((part) => part.Work),
  plan: () => import('./plan/plan').then((part) => part.PlanScreen),
  conflicts: () => import('./conflicts/conflicts').then((part) => part.Conflicts),
  setup: () => import('./setup/setup').then((part) => part.Setup),
};
const asksFor = screen();
if (asksFor !== 'board') void PARTS[asksFor]().catch(() => undefined); // it is fetched while the desk begins

function Shown({ name }: { name: Screen }) {
  if (name === 'board') return <Beside><Board /></Beside>;
  if (!mayOpen(name)) return <Empty title={t('mayNotRead')} />;
  const part = <Later key={name} load={PARTS[name]} />;
  return name === 'map' ? <Beside>{part}</Beside> : part;
}

const Beside = ({ children }: { children: ComponentChildren }) => <><Queue />{children}</>;

/** A part that is fetched when it is first wanted. */
function Later({ load }: { load: () => Promise<FunctionComponent> }) {
  const [Part, setPart] = useState<FunctionComponent | null>(null);
  useEffect(() => void load().then((found) => setPart(() => found)), []);
  return Part ? <Part /> : <p class="soft" aria-busy="true">…</p>;
}
