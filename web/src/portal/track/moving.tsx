import { useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import type { components } from '@api';
import { call } from '../calls';
import type { Known, Tracked, Visit } from './index';
import { t } from './words';

type Slots = components['schemas']['TrackSlots']['slots'];
type Said = (moment: string) => string;
type Props = { code: string; known: Known; visit: Visit; day: Said; at: Said; onMoved: (now: Tracked) => void };

/** Another time for a visit: those at which somebody can come, as the office's planning sees it now. */
export function Moving({ code, known, visit, day, at, onMoved }: Props) {
  const [slots, setSlots] = useState<Slots | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [taking, setTaking] = useState(false);
  const about = { ...known, visit_id: visit.id };

  const look = () => call<{ slots: Slots }>('POST', `/track/${code}/slots`, about).then((it) => setSlots(it.slots), setFault);
  /** One at a time, and nothing slides under the finger meanwhile: a second tap must not choose another time. */
  async function take(start: string) {
    setTaking(true);
    try {
      onMoved(await call<Tracked>('POST', `/track/${code}/reschedule`, { ...about, start }));
      setSlots(null);
      setFault(null);
    } catch (error) {
      setFault(error);
      await look();
    } finally {
      setTaking(false);
    }
  }

  return (
    <>
      {fault != null && <Notice kind="bad">{inWords(fault)}</Notice>}
      {!slots && <Button onClick={look}>{t('move')}</Button>}
      {slots && (
        <div class="stack" role="group" aria-label={t('move')}>
          <h3>{t(slots.length ? 'chooseSlot' : 'noSlot')}</h3>
          {[...byDay(slots, day)].map(([name, spans]) => (
            <div key={name} class="stack tight" role="group" aria-label={name}>
              <h4>{name}</h4>
              <div class="spans">
                {spans.map(({ start, end }) => (
                  <Button key={start} disabled={taking} onClick={() => take(start)}>{t('span', { from: at(start), to: at(end) })}</Button>
                ))}
              </div>
            </div>
          ))}
          <Button onClick={() => setSlots(null)}>{t('back')}</Button>
        </div>
      )}
    </>
  );
}

function byDay(slots: Slots, day: Said): Map<string, Slots> {
  const days = new Map<string, Slots>();
  for (const slot of slots) days.set(day(slot.start), [...(days.get(day(slot.start)) ?? []), slot]);
  return days;
}
