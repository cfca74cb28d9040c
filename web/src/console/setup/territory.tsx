import { useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { newId } from '@shared/ids';
import { Button, TextField } from '@shared/ui';
import { engineers } from '../data/day';
import { once } from '../data/once';
import type { Position } from '../data/shapes';
import { Wrong, at } from '../parts/form';
import { OnMap } from '../parts/place';
import { pointOf } from '../parts/point';
import { Area } from '../parts/select';
import { AddForm } from './forms';
import { t } from './words';

const LEAST = 3;
const lineOf = ([lon, lat]: Position) => `${lat}, ${lon}`;
const linesOf = (words: string) => words.split('\n').filter((line) => line.trim());
const cornersOf = (words: string): Position[] => linesOf(words).map(pointOf).flatMap((point) => (point ? [point.coordinates] : []));

/** An area that is drawn on the map, or written corner by corner, and who serves it. */
export function TerritoryForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [words, setWords] = useState('');
  const [id, setId] = useState(newId); // once a form: when a join failed, pressing again goes on there
  const [serve, setServe] = useState<readonly string[]>([]);
  const corners = cornersOf(words);
  const tick = (id: string) => setServe((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  const add = async () => {
    if (corners.length !== linesOf(words).length) throw new Wrong({ corners: t('badPlace') });
    if (corners.length < LEAST) throw new Wrong({ corners: t('needCorners') });
    const area = { type: 'Polygon', coordinates: [[...corners, corners[0]!]] };
    await at({ name: 'territory', area: 'corners' }, once('territories', id, { name, area }));
    for (const one of serve) await join(one, id);
    setName(''), setWords(''), setServe([]), setId(newId());
    return name;
  };
  return (
    <AddForm label={t('territories')} onAdd={add} onDone={onDone}>
      <TextField label={t('name')} name="territory" value={name} onValue={setName} required />
      <p class="soft">{t('draw')}</p>
      <OnMap corners={corners} onCorner={(corner) => setWords((before) => [...linesOf(before), lineOf(corner)].join('\n'))} />
      <div class="row">
        <Button disabled={!words} onClick={() => setWords(linesOf(words).slice(0, -1).join('\n'))}>{t('lastCorner')}</Button>
      </div>
      <Area label={t('corners')} name="corners" value={words} onValue={setWords} />
      <fieldset class="spots"><legend>{t('serves')}</legend>
        {[...engineers.value.values()].map((one) => <label key={one.id}><input type="checkbox" checked={serve.includes(one.id)} onChange={() => tick(one.id)} /> {one.name}</label>)}
      </fieldset>
    </AddForm>
  );
}

/** An engineer serves one more area. */
async function join(engineer: string, area: string): Promise<void> {
  const territory_ids = [...new Set([...(engineers.value.get(engineer)?.territory_ids ?? []), area])];
  await result(api.PUT('/api/v1/engineers/{row_id}/territories', { params: { path: { row_id: engineer } }, body: { territory_ids } }));
}
