import { liveQuery } from 'dexie';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { answer } from '../acting';
import { world } from '../data/client';
import { type Photo, own } from '../data/own';
import type { ChecklistItem, Media, Visit } from '../data/rows';
import { takePhoto } from '../photos/taking';
import { sendPhotos } from '../photos/uploads';
import { photosOf, useless } from '../steps';
import { t } from './words';

/** The visit's photos: those taken here with their small picture, others by name. */
export function Photos({ visit }: { visit: Visit }) {
  const taken = useTaken(visit.id);
  const photos = photosOf(world.value, visit);
  return (
    <section class="card stack" id="photos">
      <h2>{t('photos')}</h2>
      {photos.length > 0 && (
        <ul class="photos">
          {photos.map((photo, place) => (
            <Picture key={photo.id} photo={photo} taken={taken.get(photo.id)} number={place + 1} />
          ))}
        </ul>
      )}
      <TakePhoto visitId={visit.id} />
    </section>
  );
}

/** Opens the phone's camera; with an item, the photo is its answer too. */
export function TakePhoto({ visitId, item }: { visitId: string; item?: ChecklistItem }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);

  async function take(files: FileList | null) {
    setBusy(true);
    try {
      const ids = [];
      for (const file of files ?? []) ids.push(await takePhoto(visitId, item?.id ?? null, file));
      if (item && ids.length) await answer(item, ids);
      void sendPhotos();
    } finally {
      setBusy(false);
      if (input.current) input.current.value = '';
    }
  }

  return (
    <>
      <input ref={input} type="file" accept="image/*" capture="environment" hidden
        onChange={(event) => take(event.currentTarget.files)} />
      <Button busy={busy} onClick={() => input.current?.click()}>{t('takePhoto')}</Button>
    </>
  );
}

function Picture({ photo, taken, number }: { photo: Media; taken: Photo | undefined; number: number }) {
  const url = useUrl(taken?.preview);
  const name = t('photoAlt', { n: number });
  const waits = taken ? taken.original !== null : photo.state === 'awaiting';
  return (
    <li>
      {url ? <img src={url} alt={name} /> : <span class="no-picture">{name}</span>}
      <span class="soft">{t(useless(photo) ? 'photoRejected' : waits ? 'photoWaiting' : 'photoSent')}</span>
    </li>
  );
}

/** An address of bytes for as long as they are shown. */
export function useUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob?.size]);
  return url;
}

/** What this phone itself took at a visit, by id. */
export function useTaken(visitId: string): Map<string, Photo> {
  const [taken, setTaken] = useState(new Map<string, Photo>());
  useEffect(() => {
    const mine = liveQuery(() => own().photos.where({ visit_id: visitId }).toArray());
    const watching = mine.subscribe((photos) => setTaken(new Map(photos.map((photo) => [photo.id, photo]))));
    return () => watching.unsubscribe();
  }, [visitId]);
  return taken;
}
