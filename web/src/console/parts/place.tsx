import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary, formatNumber } from '@shared/i18n';
import { Button, TextField } from '@shared/ui';
import type { Position, Site } from '../data/shapes';
import type { Draw } from '../map/draw';
import { boxAround, metresBetween, pointOf, wordsOfPoint } from './point';

const t = dictionary(
  { onMap: 'Choose on the map', near: 'Known nearby', metres: '{n} m' },
  { onMap: '在地图上选择', near: '附近已有站点', metres: '{n} 米' },
);
const NEAR_M = 300;
const MOST = 5;

/** The map of one or more places that are clicked; it is big and fetched when it is first wanted. */
export function OnMap(props: Parameters<typeof Draw>[0]) {
  const [Part, setPart] = useState<FunctionComponent<typeof props> | null>(null);
  useEffect(() => void import('../map/draw').then((part) => setPart(() => part.Draw)), []);
  return Part ? <Part {...props} /> : <div class="draw" aria-busy="true" />;
}

type Props = { label: string; hint?: string; value: string; onValue: (words: string) => void; onSite?: (site: Site) => void };

/** A place: pasted as words, or clicked on the map. With `onSite` sites that are known nearby are offered. */
export function PlaceField({ label, hint, value, onValue, onSite }: Props) {
  const [open, setOpen] = useState(false);
  const at = pointOf(value)?.coordinates ?? null;
  return (
    <div class="stack tight">
      <TextField label={label} name="place" value={value} onValue={onValue} {...(hint ? { hint } : {})} />
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('onMap')}</summary>
        {open && <OnMap corners={at ? [at] : []} onCorner={(corner) => onValue(wordsOfPoint(corner))} />}
      </details>
      {onSite && at && <Near at={at} onSite={onSite} />}
    </div>
  );
}

function Near({ at, onSite }: { at: Position; onSite: (site: Site) => void }) {
  const [sites, setSites] = useState<Site[]>([]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const query = { bbox: boxAround(at, NEAR_M), limit: 50 };
      const found = result(api.GET('/api/v1/sites', { params: { query: query as never } })) as unknown as Promise<{ items: Site[] }>;
      found.then((page) => setSites(page.items), () => setSites([])); // an offer only: the form does without
    }, 300);
    return () => clearTimeout(timer);
  }, [String(at)]);
  const far = (site: Site) => (site.location ? metresBetween(at, site.location.coordinates) : Infinity);
  const nearest = [...sites].sort((a, b) => far(a) - far(b)).slice(0, MOST);
  if (!nearest.length) return null;
  return (
    <div class="stack tight" role="group" aria-label={t('near')}>
      <strong>{t('near')}</strong>
      {nearest.map((site) => (
        <Button key={site.id} onClick={() => onSite(site)}>{site.name} <span class="soft">{t('metres', { n: formatNumber(Math.round(far(site))) })}</span></Button>
      ))}
    </div>
  );
}
