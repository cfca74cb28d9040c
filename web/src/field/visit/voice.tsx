import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, problemOf, session } from '@shared/api';
import { dictionary, formatDuration } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { useNow } from '../clock';
import { world } from '../data/client';
import { type Media, type Visit, all } from '../data/rows';
import type { Photo } from '../data/own';
import { keepVoice } from '../photos/taking';
import { sendPhotos } from '../photos/uploads';
import { useless } from '../steps';
import { useTaken, useUrl } from './photos';
import { t as shared } from './words';

const t = dictionary(
  {
    record: 'Record a voice note',
    stop: 'Stop and keep · {time}',
    throwAway: 'Throw it away',
    note: 'Voice note {n}',
    elsewhere: 'recorded on another phone',
    listen: 'Listen to it',
    denied: 'The phone does not allow the app to use the microphone.',
  },
  {
    record: '录制语音备注',
    stop: '停止并保存 · {time}',
    throwAway: '放弃',
    note: '语音备注 {n}',
    elsewhere: '由其他手机录制',
    listen: '播放',
    denied: '手机未允许应用使用麦克风。',
  },
);
const FORMS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
const LONGEST_MS = 5 * 60_000;
const BITS = 32_000; // speech, and a minute of it is a quarter of a megabyte

/** What was spoken instead of written. Kept at once when it is stopped, also without a network. */
export function Voice({ visit }: { visit: Visit }) {
  const taken = useTaken(visit.id);
  const notes = all(world.value, 'media', (it) => it.visit_id === visit.id && it.kind === 'audio');
  notes.sort((a, b) => a.id.localeCompare(b.id));
  return (
    <div class="stack tight" id="voice">
      {notes.length > 0 && (
        <ul class="plain">
          {notes.map((note, place) => <Spoken key={note.id} note={note} taken={taken.get(note.id)} number={place + 1} />)}
        </ul>
      )}
      {'MediaRecorder' in globalThis && navigator.mediaDevices && <Recorder visit={visit} />}
    </div>
  );
}

function Spoken({ note, taken, number }: { note: Media; taken: Photo | undefined; number: number }) {
  const url = useUrl(taken?.preview);
  const name = t('note', { n: number });
  const waits = taken ? taken.original !== null : note.state === 'awaiting';
  return (
    <li class="stack tight">
      <span>
        {name} · <span class="soft">
          {shared(useless(note) ? 'photoRejected' : waits ? 'photoWaiting' : 'photoSent')}{!taken && `, ${t('elsewhere')}`}
        </span>
      </span>
      {url && <audio controls src={url} aria-label={name} />}
      {!taken && note.state === 'complete' && <Elsewhere id={note.id} name={name} />}
    </li>
  );
}

/** What was recorded on another phone is fetched when somebody wants to hear it. */
function Elsewhere({ id, name }: { id: string; name: string }) {
  const [spoken, setSpoken] = useState<Blob>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const url = useUrl(spoken);

  async function listen() {
    setBusy(true);
    try {
      const answer = await session.fetch(new Request(`${location.origin}/api/v1/media/${id}/content`));
      if (!answer.ok) throw await problemOf(answer);
      setSpoken(await answer.blob());
      setFault(null);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  }

  if (url) return <audio controls src={url} aria-label={name} />;
  return (
    <>
      {fault != null && <Notice kind="warn">{inWords(fault)}</Notice>}
      <Button busy={busy} onClick={listen} aria-label={`${t('listen')}: ${name}`}>{t('listen')}</Button>
    </>
  );
}

function Recorder({ visit }: { visit: Visit }) {
  const [recorder, setRecorder] = useState<MediaRecorder | null>(null);
  const [denied, setDenied] = useState(false);

  async function record() {
    setDenied(false);
    const heard = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (heard) setRecorder(recording(heard, (spoken) => keepVoice(visit.id, spoken).then(() => void sendPhotos())));
    else setDenied(true);
  }

  if (recorder) return <Running recorder={recorder} onOver={() => setRecorder(null)} />;
  return (
    <>
      {denied && <Notice kind="warn">{t('denied')}</Notice>}
      <Button onClick={record}>{t('record')}</Button>
    </>
  );
}

/** A recording that keeps itself: when it is stopped, when it is too long, and when its page is left. */
function Running({ recorder, onOver }: { recorder: MediaRecorder; onOver: () => void }) {
  const since = useRef(Date.now());
  useNow(1_000);
  useEffect(() => {
    recorder.addEventListener('stop', onOver);
    const end = () => recorder.state !== 'inactive' && recorder.stop();
    const longest = setTimeout(end, LONGEST_MS);
    addEventListener('pagehide', end);
    return () => (clearTimeout(longest), removeEventListener('pagehide', end), end(), undefined);
  }, [recorder]);
  const time = formatDuration((Date.now() - since.current) / 1000);
  return (
    <div class="stack tight">
      <Button kind="primary" onClick={() => recorder.stop()}>{t('stop', { time })}</Button>
      <Button onClick={() => (recorder.dispatchEvent(new Event(THROWN)), recorder.stop())}>{t('throwAway')}</Button>
    </div>
  );
}

const THROWN = 'thrown-away';

function recording(heard: MediaStream, onSpoken: (spoken: Blob) => Promise<void>): MediaRecorder {
  const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
  const recorder = new MediaRecorder(heard, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: BITS });
  const parts: Blob[] = [];
  let thrown = false;
  recorder.addEventListener(THROWN, () => (thrown = true));
  recorder.addEventListener('dataavailable', ({ data }) => data.size && parts.push(data));
  recorder.addEventListener('stop', () => {
    for (const track of heard.getTracks()) track.stop();
    if (!thrown && parts.length) void onSpoken(new Blob(parts, { type: recorder.mimeType }));
  });
  recorder.start(1_000);
  return recorder;
}
