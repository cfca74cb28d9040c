import { newId } from '@shared/ids';
import { mutate } from '../data/client';
import { own } from '../data/own';
import { sha256 } from '../sign/canonical';

const PREVIEW_PX = 640;
const QUALITY = 0.8;

/** Keeps a photo: the original as it is, a small picture to look at, and the promise that it will come. */
export async function takePhoto(visitId: string, itemId: string | null, file: File): Promise<string> {
  const about = { name: file.name || 'photo.jpg', type: file.type || 'image/jpeg' };
  return keep(file, await small(file), about, { visit_id: visitId, kind: 'photo', ...(itemId ? { item_id: itemId } : {}) });
}

/** Keeps what was spoken at a visit, as a photo is kept; it can be heard here as long as the phone holds it. */
export async function keepVoice(visitId: string, spoken: Blob): Promise<string> {
  const type = spoken.type.split(';')[0]!;
  const name = `voice.${type.endsWith('mp4') ? 'm4a' : type.endsWith('ogg') ? 'ogg' : 'weba'}`;
  return keep(spoken, spoken, { name, type }, { visit_id: visitId, kind: 'audio' });
}

type Promised = { visit_id: string; kind: string; item_id?: string };

async function keep(original: Blob, preview: Blob, { name, type }: { name: string; type: string }, promised: Promised) {
  const id = newId();
  const about = { sha256: await sha256(original), size: original.size, captured_at: new Date().toISOString() };
  const { visit_id, kind } = promised;
  await own().photos.add({ ...about, id, visit_id, kind, type, name, original, preview, address: null, sent: 0 });
  const data = { ...about, ...promised, filename: name, declared_type: type };
  await mutate({ collection: 'media', rowId: id, type: 'create', data });
  return id;
}

/** A picture of at most 640 pixels. What this browser cannot read (HEIC) stands for itself. */
async function small(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, PREVIEW_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob((made) => resolve(made ?? file), 'image/jpeg', QUALITY));
}
