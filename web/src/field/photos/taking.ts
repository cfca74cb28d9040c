import { newId } from '@shared/ids';
import { mutate } from '../data/client';
import { own } from '../data/own';
import { sha256 } from '../sign/canonical';

const PREVIEW_PX = 640;
const QUALITY = 0.8;

/** Keeps a photo: the original as it is, a small picture to look at, and the promise that it will come. */
export async function takePhoto(visitId: string, itemId: string | null, file: File): Promise<string> {
  const id = newId();
  const [hash, preview] = await Promise.all([sha256(file), small(file)]);
  const about = { visit_id: visitId, sha256: hash, size: file.size, captured_at: new Date().toISOString() };
  const name = file.name || 'photo.jpg';
  const type = file.type || 'image/jpeg';
  await own().photos.add({ ...about, id, type, name, original: file, preview, address: null, sent: 0 });
  const promise = { ...about, kind: 'photo', filename: name, declared_type: type, ...(itemId ? { item_id: itemId } : {}) };
  await mutate({ collection: 'media', rowId: id, type: 'create', data: promise });
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
