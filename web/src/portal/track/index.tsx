import { useEffect, useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import type { components } from '@api';
import { formatTime } from '@shared/i18n';
import { Button, Notice, TextField } from '@shared/ui';
import { call, slugOf } from '../calls';
import { Messages } from './messages';
import { Moving } from './moving';
import { Report } from './report';
import { t } from './words';

export type Tracked = components['schemas']['Tracked'];
export type Visit = Tracked['visits'][number];
/** What shows that this is the customer: the key of a link that was sent to them, or digits of their phone. */
export type Known = { key: string } | { digits: string };
type Answer = 'cancelled' | 'confirmed' | 'disputed';
type Say = (visit: Visit, to: Answer, reason?: string) => Promise<void>;

/** What is said of the engineer, by the visit's status; of a visit that was called off or given up, nothing. */
const WHO: Record<string, 'comes' | 'isHere' | 'came'> = {
  dispatched: 'comes', accepted: 'comes', en_route: 'comes',
  on_site: 'isHere', working: 'isHere', paused: 'isHere',
  completed: 'came', confirmed: 'came', disputed: 'came', approved: 'came',
};
const EVERY_MS = 30_000;
const KEY = 'callout.track';

/** A job as its customer follows it: by a link that was sent to them, or by a link and the last digits of their phone. */
export function Track({ code }: { code: string }) {
  const [digits, setDigits] = useState(sessionStorage.getItem(KEY) ?? '');
  const [key, setKey] = useState(/^#[\w-]{20}$/.test(location.hash) ? location.hash.slice(1) : '');
  const known: Known = key ? { key } : { digits };
  const [found, setFound] = useState<Tracked | null>(null);
  const [fault, setFault] = useState<unknown>(null);

  async function look() {
    try {
      setFound(await call<Tracked>('POST', `/track/${code}`, known));
      setFault(null);
      if (!key) sessionStorage.setItem(KEY, digits);
    } catch (error) {
      if (key && slugOf(error) === 'not-found') setKey(''); // of a number that changed: the digits open it still
      else setFault(error);
    }
  }

  const say: Say = async (visit, to, reason) => {
    setFound(await call<Tracked>('POST', `/track/${code}/answers`, { ...known, visit_id: visit.id, to, reason: reason ?? null }));
  };

  useEffect(() => {
    if (key || digits) void look();
  }, []);
  useEffect(() => {
    if (!found?.visits.some(({ status }) => status === 'en_route')) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), EVERY_MS);
    return () => clearInterval(timer);
  }, [found]);

  const refused = fault ? (slugOf(fault) === 'not-found' ? t('wrong') : inWords(fault)) : undefined;
  if (!found) return <Key digits={digits} onDigits={setDigits} refused={refused} onOpen={look} />;
  return (
    <>
      <h1>{found.summary}</h1>
      <p class="soft">{found.organisation} · {found.number}</p>
      {refused && <Notice kind="bad">{refused}</Notice>}
      {found.visits.map((visit) => <One key={visit.id} visit={visit} zone={found.time_zone} onSay={say}
        code={code} known={known} onMoved={setFound} />)}
      <Messages code={code} known={known} written={found.messages} zone={found.time_zone} onSent={setFound} />
      <Button onClick={look}>{t('refresh')}</Button>
    </>
  );
}

type KeyProps = { digits: string; onDigits: (digits: string) => void; refused: string | undefined; onOpen: () => void };

function Key({ digits, onDigits, refused, onOpen }: KeyProps) {
  return (
    <form class="card stack" noValidate onSubmit={(event) => (event.preventDefault(), onOpen())}>
      <h1>{t('title')}</h1>
      <TextField label={t('digits')} hint={t('digitsHint')} name="digits" inputmode="numeric" autocomplete="off"
        value={digits} onValue={onDigits} error={refused} autofocus />
      <Button kind="primary" type="submit" disabled={!/^\d{4}$/.test(digits)}>{t('open')}</Button>
    </form>
  );
}

type OneProps = { visit: Visit; zone: string; onSay: Say; code: string; known: Known; onMoved: (now: Tracked) => void };

function One({ visit, zone, onSay, code, known, onMoved }: OneProps) {
  const at = (moment: string) => formatTime(moment, { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false });
  const day = (moment: string) => formatTime(moment, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long' });
  const { window_start: from, window_end: to, live } = visit;
  const said = WHO[visit.status];
  const span = (start: string, end: string) => t('window', { day: day(start), from: at(start), to: at(end) });
  const happened = ({ status, window_start: start, window_end: end }: Visit['timeline'][number]) =>
    start ? t('moved', { to: end ? span(start, end) : `${day(start)} ${at(start)}` }) : word(status);
  return (
    <section class="card stack">
      <div role="status"><h2>{word(visit.status)}</h2></div>
      <p>{from && to ? span(from, to) : t('noWindow')}</p>
      {visit.engineer && said && <p>{t(said, { name: visit.engineer })}</p>}
      {live && <Live live={live} at={at} />}
      {visit.timeline.length > 0 && <h3>{t('timeline')}</h3>}
      {visit.timeline.length > 0 && (
        <ol>
          {visit.timeline.map((it) => (
            <li key={it.status + it.at}>{day(it.at)} {at(it.at)} · {happened(it)}</li>
          ))}
        </ol>
      )}
      <Report code={code} known={known} visit={visit} />
      {visit.may_cancel && <Moving code={code} known={known} visit={visit} day={day} at={at} onMoved={onMoved} />}
      <Answers visit={visit} onSay={onSay} />
    </section>
  );
}

function Live({ live, at }: { live: NonNullable<Visit['live']>; at: (moment: string) => string }) {
  const [lon, lat] = (live.location as { coordinates: [number, number] }).coordinates;
  return (
    <Notice kind="good">
      {live.arrives_at && <strong>{t('arrives', { at: at(live.arrives_at) })}</strong>}
      <p>{t('seen', { at: at(live.at) })} · <a href={`geo:${lat},${lon}?q=${lat},${lon}`}>{t('map')}</a></p>
    </Notice>
  );
}

/** What the customer may say now; a no asks for its reason. What was not taken stays written, and can be sent again. */
function Answers({ visit, onSay }: { visit: Visit; onSay: Say }) {
  const [asked, setAsked] = useState<'cancelled' | 'disputed' | null>(null);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const refused = fault != null && <Notice kind="bad">{inWords(fault)}</Notice>;

  function answer(to: Answer, why?: string) {
    setFault(null);
    void onSay(visit, to, why).then(() => setAsked(null), setFault);
  }

  if (asked) {
    return (
      <form class="stack" onSubmit={(event) => (event.preventDefault(), answer(asked, reason.trim()))}>
        {refused}
        <TextField label={t(asked === 'cancelled' ? 'whyCancel' : 'whyDispute')} name="reason" value={reason} onValue={setReason} autofocus />
        <Button kind="primary" type="submit" disabled={!reason.trim()}>{t('send')}</Button>
        <Button onClick={() => (setAsked(null), setFault(null))}>{t('back')}</Button>
      </form>
    );
  }
  return (
    <>
      {refused}
      {visit.may_answer && <Button kind="primary" onClick={() => answer('confirmed')}>{t('confirm')}</Button>}
      {visit.may_answer && <Button onClick={() => setAsked('disputed')}>{t('dispute')}</Button>}
      {visit.may_cancel && <Button onClick={() => setAsked('cancelled')}>{t('cancel')}</Button>}
    </>
  );
}

function word(status: string): string {
  return t(status as 'scheduled');
}
