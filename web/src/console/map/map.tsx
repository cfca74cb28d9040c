import { effect as follow } from '@preact/signals';
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { formatDuration, formatNumber, locale } from '@shared/i18n';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { engineers, latest, loaded, now, visits } from '../data/day';
import { asked, open } from '../data/route';
import type { Position } from '../data/shapes';
import { say } from '../data/toasts';
import { followed } from '../desk-state';
import { Choice } from '../parts/select';
import { outline, useMap } from './gl';
import { bringIntoSight } from './sight';
import { keeper } from './keeper';
import type { Source } from './layers';
import { type StateFilter, areaShapes, doing, extent, isCrowd, openPoint, peoplePoints, routeLines, visitPoints } from './shapes';
import { type Silent, readSilent, silentPoints } from './silent';
import { type Track, readTrack, trackLines } from './track';
import { t } from './words';

const STATES: readonly StateFilter[] = ['all', 'waiting', 'planned', 'underway', 'done'];

/** Where everybody and everything is; what is chosen opens beside it. */
export function MapScreen() {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<StateFilter>('all');
  const [skill, setSkill] = useState('');
  const [routes, setRoutes] = useState(true);
  const [silent, setSilent] = useState<Silent[] | null>(null);
  const [person, setPerson] = useState<string | null>(null);
  const [track, setTrack] = useState<Track | null>(null);
  const [drawn, setDrawn] = useState(false);
  const { map, broken } = useMap(box, extent, (made) => prepare(made, setPerson, () => setDrawn(true)));
  const chosen = asked('visit');
  const later = drawn ? map : null; // who and what comes first, what lies around it after
  useLayer(later, 'areas', areaShapes, []);
  useLayer(map, 'people', () => (void locale.value, peoplePoints(skill)), [skill]);
  useLayer(map, 'visits', () => visitPoints(state, skill), [state, skill]);
  useLayer(map, 'open', () => openPoint(chosen), [chosen]);
  useLayer(later, 'routes', () => routeLines(routes ? skill : 'nobody', [person, holder()]), [skill, routes, person]);
  useLayer(later, 'silent', () => silentPoints(silent), [silent]);
  useLayer(later, 'track', () => trackLines(track), [track]);
  const place = visits.value.get(chosen ?? '')?.location?.coordinates.join();
  useEffect(() => (map && place ? bringIntoSight(map, place.split(',').map(Number) as Position) : undefined), [map, chosen, place]);
  const toggle = async () => setSilent(silent ? null : await readSilent().catch((error) => (say('bad', inWords(error)), null)));
  const fly = (id: string) => {
    setPerson(id || null);
    const place = latest.value.get(id)?.location ?? engineers.value.get(id)?.home;
    if (place) map?.easeTo({ center: place.coordinates, zoom: 13 });
  };
  useEffect(() => {
    if (!map || !followed.value) return;
    fly(followed.value);
    followed.value = null;
  }, [map, followed.value]);
  const skills = new Map([...engineers.value.values()].flatMap((one) => one.skills.map((has) => [has.skill_id, has.code ?? ''] as const)));
  return (
    <section class="map" aria-label={t('map')}>
      <div class="row map-tools">
        <Choice label={t('state')} hidden value={state} onValue={(value) => setState(value as StateFilter)} options={STATES.map((one) => [one, `${t('state')}: ${t(one)}`])} />
        <Choice label={t('skill')} hidden value={skill} onValue={setSkill} options={[['', t('anySkill')], ...skills]} />
        <Choice label={t('goTo')} hidden value={person ?? ''} onValue={fly} options={[['', t('goTo')], ...[...engineers.value.values()].map((one) => [one.id, one.name] as const)]} />
        <label class="check"><input type="checkbox" checked={routes} onChange={() => setRoutes(!routes)} /> {t(isCrowd(skill) ? 'routeOf' : 'routes')}</label>
        <label class="check"><input type="checkbox" checked={Boolean(silent)} onChange={() => void toggle()} /> {t('silent')}</label>
        <span class="grow" />
        <Legend silent={silent} />
      </div>
      {broken ? <p class="empty">{t('noGl')}</p> : <div class="canvas" ref={box} />}
      {person && <Person id={person} track={track} onTrack={setTrack} onClose={() => (setPerson(null), setTrack(null))} />}
    </section>
  );
}

/** Who has the visit that is open beside the map. */
const holder = () => visits.value.get(asked('visit') ?? '')?.engineer_id;

function Legend({ silent }: { silent: readonly Silent[] | null }) {
  return (
    <details class="legend">
      <summary>{t('legend')}</summary>
      <ul class="card">
        <li>◉ {t('here')}</li>
        <li>◎ {t('stale')}</li>
        <li>◯ {t('opened')}</li>
        <li><span class="p1 priority">●</span><span class="p2 priority">●</span><span class="p3 priority">●</span> {t('urgency')}</li>
        <li>{t('ring')} · {t('large')}</li>
        {silent && <li class="warn-ink">{t('silentAt', { n: silent.length })}</li>}
      </ul>
    </details>
  );
}

// A fleet on the road moves all the time, and each time a layer is cut into tiles anew.
const rest = ({ features }: GeoJSON.FeatureCollection) => (features.length > 200 ? 1_000 : 0);

/** Keeps a layer like its data, whenever a signal behind them changes what it shows. */
function useLayer(map: GlMap | null, source: Source, shapes: () => GeoJSON.FeatureCollection, hangsOn: unknown[]): void {
  useEffect(() => {
    if (!map) return;
    const put = keeper((data) => void map.getSource<GeoJSONSource>(source)?.setData(data), rest);
    const stop = follow(() => put.take(shapes()));
    return () => (stop(), put.end());
  }, [map, ...hangsOn]);
}

function prepare(map: GlMap, onPerson: (id: string) => void, onDrawn: () => void): void {
  map.on('click', 'visits', (event) => open(String(event.features![0]!.properties.id)));
  map.on('click', 'people', (event) => onPerson(String(event.features![0]!.properties.id)));
  map.on('click', 'clusters', (event) => void unfold(map, event.features![0]!));
  for (const layer of ['visits', 'people', 'clusters']) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'));
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''));
  }
  if (!extent()) waitForData(map);
  whenDrawn(map, onDrawn);
}

/** Marks the moment when the engineers stand on the map; then comes what only lies under them, and a mark when all is still. */
function whenDrawn(map: GlMap, onDrawn: () => void): void {
  const look = () => {
    const nobody = loaded.peek().at && !latest.peek().size;
    if (!nobody && !(latest.peek().size && everybody(map))) return;
    map.off('render', look);
    stop();
    performance.mark('desk.map');
    onDrawn();
    void outline(map).then(() => map.once('idle', () => performance.mark('desk.map.idle')));
  };
  map.on('render', look);
  const stop = follow(() => (void loaded.value, void latest.value, map.triggerRepaint())); // it may be still when they come
  map.once('remove', () => stop());
}

/** Whether everybody whose place is in sight is drawn. */
function everybody(map: GlMap): boolean {
  const drawn = new Set(map.queryRenderedFeatures({ layers: ['people'] }).map((one) => one.properties.id));
  if (!drawn.size || map.isSourceLoaded('people')) return drawn.size > 0;
  const seen = map.getBounds();
  return peoplePoints('').features.every((one) => drawn.has(one.properties!.id) || !seen.contains((one.geometry as GeoJSON.Point).coordinates as [number, number]));
}

/** A map that opens before the day is there moves to it when it comes. */
function waitForData(map: GlMap): void {
  const stop = follow(() => {
    const bounds = extent();
    if (!bounds) return;
    map.fitBounds(bounds, { padding: 40, animate: false });
    queueMicrotask(() => stop());
  });
  map.once('remove', () => stop());
}

async function unfold(map: GlMap, cluster: GeoJSON.Feature): Promise<void> {
  const zoom = await map.getSource<GeoJSONSource>('visits')!.getClusterExpansionZoom(Number(cluster.properties!.cluster_id));
  map.easeTo({ center: (cluster.geometry as GeoJSON.Point).coordinates as [number, number], zoom });
}

type PersonProps = { id: string; track: Track | null; onTrack: (track: Track | null) => void; onClose: () => void };

/** An engineer on the map: how old the position is, and the track when it is asked for. */
function Person({ id, track, onTrack, onClose }: PersonProps) {
  const at = latest.value.get(id)?.at;
  const mine = track?.engineer_id === id ? track : null;
  const show = () => readTrack(id).then(onTrack, (error) => say('bad', inWords(error)));
  return (
    <div class="card person" role="group" aria-label={engineers.value.get(id)?.name}>
      <div class="line">
        <strong class="grow">{engineers.value.get(id)?.name}</strong>
        <Button kind="quiet" aria-label={t('close')} onClick={onClose}>✕</Button>
      </div>
      {doing(id) && <p>{doing(id)}</p>}
      <p class="soft">{at ? t('seen', { age: formatDuration((now.value - Date.parse(at)) / 1000) }) : t('never')}</p>
      {mine ? (
        <>
          <p>{t('driven', { km: formatNumber(mine.distance_m / 1000, { maximumFractionDigits: 1 }), n: mine.stops.length })} · {t('gap', { n: mine.gaps.length })}</p>
          <Button onClick={() => onTrack(null)}>{t('hide')}</Button>
        </>
      ) : (
        may('positions.read') && <><Button onClick={() => void show()}>{t('track')}</Button><p class="soft">{t('trackNote')}</p></>
      )}
    </div>
  );
}
