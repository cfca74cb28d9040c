import { useState } from 'preact/hooks';
import { remembered } from '@shared/remembered';
import { customers } from '../data/customers';
import { loaded, territory } from '../data/day';
import { atRisk, waiting } from '../data/risk';
import { Empty } from '../parts/bits';
import { useMore } from '../parts/more';
import { Choice } from '../parts/select';
import { walk } from '../keys';
import { Card } from './card';
import { Customers } from './customers';
import { ORDERS, type Order, ordered } from './order';
import { t } from './words';

const STEP = 100; // cards drawn at once

/** The work that needs somebody now, beside board and map. */
export function Queue() {
  const [chosen, setList] = useState<'waiting' | 'risk' | 'customers'>('waiting');
  const [order, setOrder] = useState<Order>(remembered.choice('console.order', ORDERS) ?? 'urgency');
  const list = chosen === 'customers' && !customers.value.length ? 'waiting' : chosen; // the last of them was answered
  const rows = list === 'customers' ? [] : ordered(list === 'waiting' ? waiting.value : atRisk.value, order);
  const { shown, more } = useMore(rows, STEP, `${list} ${order} ${territory.value}`);
  const choose = (value: string) => (setOrder(value as Order), remembered.write('console.order', value));
  return (
    <section class="queue" aria-label={t('queue')}>
      <div class="tabs" role="group" aria-label={t('queue')}>
        <button type="button" aria-pressed={list === 'waiting'} onClick={() => setList('waiting')}>
          {t('waiting', { n: waiting.value.length })}
        </button>
        <button type="button" aria-pressed={list === 'risk'} onClick={() => setList('risk')}>
          {t('risk', { n: atRisk.value.length })}
        </button>
        {customers.value.length > 0 && (
          <button type="button" class="whole" aria-pressed={list === 'customers'} onClick={() => setList('customers')}>
            {t('customers', { n: customers.value.length })}
          </button>
        )}
      </div>
      {list !== 'customers' && <Choice label={t('sort')} hidden value={order} onValue={choose} options={ORDERS.map((o) => [o, `${t('sort')}: ${t(o)}`])} />}
      <div class="cards" title={list === 'waiting' ? t('drag') : undefined} onKeyDown={walk}>
        {list === 'customers' && <Customers />}
        {shown.map((visit) => (
          <Card key={visit.id} visit={visit} />
        ))}
        {more}
        {!rows.length && list !== 'customers' && loaded.value.at && (
          <Empty title={t(list === 'waiting' ? 'none' : 'calm')}>{t(list === 'waiting' ? 'noneMore' : 'calmMore')}</Empty>
        )}
      </div>
    </section>
  );
}
