import { useState } from 'preact/hooks';
import { remembered } from '@shared/remembered';
import { may } from '../data/calls';
import { customers } from '../data/customers';
import { loaded, territory } from '../data/day';
import { atRisk, undone, waiting } from '../data/risk';
import { Empty } from '../parts/bits';
import { useMore } from '../parts/more';
import { Choice } from '../parts/select';
import { useRoving } from '../parts/roving';
import { Card } from './card';
import { Customers } from './customers';
import { ORDERS, type Order, ordered } from './order';
import { t } from './words';

const STEP = 100; // cards drawn at once

const LISTS = { waiting, risk: atRisk, undone };
type List = keyof typeof LISTS | 'customers';
/** What is there only now and then has a line of its own. */
const WHOLE = [['undone', 'undoneN'], ['customers', 'customers']] as const;
const sizes = (): Record<List, number> => ({
  waiting: waiting.value.length, risk: atRisk.value.length, undone: undone.value.length, customers: customers.value.length,
});

/** The name of a list with its length, as soon as that is known. */
const counted = (list: 'waiting' | 'risk') => (loaded.value.at || sizes()[list] ? t('counted', { what: t(list), n: sizes()[list] }) : t(list));

/** The work that needs somebody now, beside board and map. */
export function Queue() {
  const [chosen, setList] = useState<List>('waiting');
  const [order, setOrder] = useState<Order>(remembered.choice('console.order', ORDERS) ?? 'urgency');
  const list = sizes()[chosen] || chosen === 'risk' ? chosen : 'waiting'; // the last of them was answered
  const rows = list === 'customers' ? [] : ordered(LISTS[list].value, order);
  const { shown, more } = useMore(rows, STEP, `${list} ${order} ${territory.value}`);
  const { tabOf, list: walked } = useRoving(list === 'customers' ? customers.value.length : shown.length);
  const choose = (value: string) => (setOrder(value as Order), remembered.write('console.order', value));
  return (
    <section class="queue" aria-label={t('queue')}>
      <div class="tabs" role="group" aria-label={t('queue')}>
        {(['waiting', 'risk'] as const).map((one) => (
          <button type="button" key={one} aria-pressed={list === one} onClick={() => setList(one)}>{counted(one)}</button>
        ))}
        {WHOLE.map(([one, words]) => sizes()[one] > 0 && (
          <button type="button" key={one} class="whole" aria-pressed={list === one} onClick={() => setList(one)}>{t(words, { n: sizes()[one] })}</button>
        ))}
      </div>
      {list !== 'customers' && <Choice label={t('sort')} hidden value={order} onValue={choose} options={ORDERS.map((o) => [o, `${t('sort')}: ${t(o)}`])} />}
      <div class="cards" title={list === 'waiting' && may('dispatch.assign') ? t('drag') : undefined} {...walked}>
        {list === 'customers' && <Customers tabOf={tabOf} />}
        {list === 'undone' && <p class="soft">{t('undoneMore')}</p>}
        {shown.map((visit, place) => (
          <Card key={visit.id} visit={visit} tab={tabOf(place)} />
        ))}
        {more}
        {!rows.length && list !== 'customers' && loaded.value.at && (
          <Empty title={t(list === 'waiting' ? 'none' : 'calm')}>{t(list === 'waiting' ? 'noneMore' : 'calmMore')}</Empty>
        )}
      </div>
    </section>
  );
}
