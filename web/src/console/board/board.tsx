import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { given } from '../data/assigning';
import { loaded } from '../data/day';
import { clock } from '../data/time';
import { Empty } from '../parts/bits';
import { board, dragged } from './drag';
import { span, today } from './hours';
import { reveal } from './reveal';
import { Hours, Name } from './row';
import { type BoardRow, rows } from './rows';
import { useView } from './view';
import { stopOf, walk } from './walk';
import { t } from './words';

const HOUR = 3600_000;
const LABEL = 46; // px that the words of an hour need
const AROUND = 400; // px above and below what is seen that are drawn too

/** Engineers by time. Only the rows in sight are drawn, so that five hundred are as quick as twelve. */
export function Board() {
  const scroller = useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = useState('');
  const [last, setLast] = useState<string | null>(null); // the bar that had the focus
  const [from, to] = span.value;
  const { view, names, width, zoom, home } = useView(scroller);
  const x = (moment: number) => ((moment - from) / (to - from)) * width;
  useEffect(() => {
    board.at = (px, py) => {
      const row = document.elementsFromPoint(px, py).find((one): one is HTMLElement => one instanceof HTMLElement && Boolean(one.dataset.engineer));
      if (!row) return null;
      const moment = from + ((px - row.getBoundingClientRect().left) / width) * (to - from);
      return { engineer_id: row.dataset.engineer!, moment };
    };
    return () => void (board.at = null);
  }, [from, to, width]);
  useEffect(() => {
    if (!given.value) return;
    reveal(given.value, scroller.current!, names, x);
    given.value = null;
  }, [given.value]);
  const find = (name: string) => {
    setWanted(name);
    const row = name && rows.value.rows.find((one) => one.engineer.name.toLowerCase().includes(name.toLowerCase()));
    if (row) scroller.current?.scrollTo({ top: row.top });
  };
  const shown = rows.value.rows.filter((row) => row.top + row.height > view.top - AROUND && row.top < view.top + view.height + AROUND);
  const before = shown[0]?.top ?? 0;
  const stop = stopOf(shown, last, view.top);
  const stood = (event: FocusEvent) => setLast((event.target as HTMLElement).dataset.visit ?? last);
  return (
    <section class="board" aria-label={t('board')}>
      <div class="row board-tools">
        <input class="find" type="search" placeholder={t('who')} aria-label={t('who')} value={wanted} onInput={(event) => find(event.currentTarget.value)} />
        <span class="grow" />
        {today.value !== null && <Button title={t('toNowHint')} onClick={home}>{t('toNow')}</Button>}
        <Button aria-label={t('zoomOut')} title={t('zoomOut')} disabled={!zoom.wider} onClick={zoom.wider ?? undefined}>−</Button>
        <Button aria-label={t('zoomIn')} title={t('zoomIn')} disabled={!zoom.closer} onClick={zoom.closer ?? undefined}>＋</Button>
      </div>
      <div class="scroller" ref={scroller} tabIndex={0} aria-label={t('hours')} onKeyDown={walk} onFocusIn={stood}>
        <div class="sheet" style={{ width: `${names + width}px`, '--names': `${names}px` }}>
          <Ruler from={from} to={to} names={names} x={x} />
          <div class="body" style={{ height: `${rows.value.height}px` }}>
            <div class="part" style={{ transform: `translateY(${before}px)` }}>
              {shown.map((row: BoardRow) => (
                <div class="board-row" key={row.engineer.id} role="group" aria-label={row.engineer.name}>
                  <Name row={row} />
                  <Hours row={row} x={x} stop={stop} />
                </div>
              ))}
            </div>
          </div>
          {!rows.value.rows.length && loaded.value.at && <Empty title={t('empty')}>{t('emptyMore')}</Empty>}
        </div>
      </div>
      <Ghost />
    </section>
  );
}

function Ruler({ from, to, names, x }: { from: number; to: number; names: number; x: (moment: number) => number }) {
  const step = HOUR * Math.ceil(LABEL / (x(from + HOUR) - x(from)));
  const hours = Array.from({ length: Math.ceil((to - from) / step) }, (_, place) => from + place * step);
  return (
    <div class="ruler" aria-hidden="true">
      {hours.map((hour) => (
        <span key={hour} style={{ left: `${names + x(hour)}px` }}>{clock(hour)}</span>
      ))}
      {today.value !== null && <b style={{ left: `${names + x(today.value)}px` }}>{clock(today.value)}</b>}
      <i style={{ width: `${names}px` }} />
    </div>
  );
}

/** What hangs at the pointer during a drag. */
function Ghost() {
  const drag = dragged.value;
  if (!drag) return null;
  return (
    <div class="ghost" style={{ transform: `translate(${drag.x + 12}px, ${drag.y + 8}px)` }}>
      {drag.visit.job_number} {drag.start && clock(drag.start)}
    </div>
  );
}
