import 'maplibre-gl/dist/maplibre-gl.css';
import { effect, useSignalEffect } from '@preact/signals';
import { type GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, prewarm, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { type RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { theme } from '@shared/theme';
import { loaded } from '../data/day';
import { say } from '../data/toasts';
import { styled } from './base';
import { land } from './land';
import { ownStyle } from './layers';
import { type extent, graticule } from './shapes';
import { t } from './words';

setWorkerUrl(worker);
prewarm(); // while the day is on its way
type Bounds = ReturnType<typeof extent>;

/**
 * A map in `box`, made once there is a place to show and gone with the screen; `broken` where the browser has no WebGL.
 * One that opened before would draw the whole world several times first, which without a graphics card is seconds.
 */
export function useMap(box: RefObject<HTMLDivElement | null>, bounds: () => Bounds, prepare: (map: GlMap) => void): { map: GlMap | null; broken: boolean } {
  const [map, setMap] = useState<GlMap | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    let made: GlMap | null = null;
    let gone = false;
    void somewhere(bounds).then(() => (gone ? null : drawn(box.current!, bounds(), () => gone))).then((found) => {
      made = found;
      if (gone) return made?.remove();
      if (!found) return setBroken(true);
      prepare(found);
      void found.once('style.load').then(() => gone || setMap(found));
    });
    return () => ((gone = true), made?.remove());
  }, []);
  useSignalEffect(() => {
    void theme.value; // the colours of the page
    if (map) repaint(map);
  });
  return { map, broken };
}

/** When there is a place to show, or it is known that there is none. */
function somewhere(bounds: () => Bounds): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (!bounds() && !loaded.value.at && !loaded.value.fault) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** A map of our own data with outlines and graticule, or on the ground that the installation names. */
async function drawn(container: HTMLElement, bounds: Bounds, isGone: () => boolean): Promise<GlMap | null> {
  const own = ownStyle();
  const style = await styled(own);
  if (isGone()) return null;
  if (!style) say('warn', t('noBase'));
  let map: GlMap;
  try {
    const customAttribution = style === own || !style ? [t('attribution')] : [];
    map = new GlMap({ container, style: style ?? own, fadeDuration: 0, attributionControl: { customAttribution }, ...(bounds ? { bounds, fitBoundsOptions: { padding: 40 } } : {}) });
  } catch {
    return null;
  }
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl(), 'bottom-left');
  return map;
}

/** The lines of the graticule around what is seen. */
function lines(map: GlMap): void {
  const seen = map.getBounds();
  void map.getSource<GeoJSONSource>('grid')?.setData(graticule([seen.getWest(), Math.max(-85, seen.getSouth()), seen.getEast(), Math.min(85, seen.getNorth())]));
}

/** Draws the graticule and the outlines of the world: the one has letters, the others are large, so what the map is for comes first. */
export async function outline(map: GlMap): Promise<void> {
  lines(map);
  map.on('moveend', () => lines(map));
  if (!map.getLayer('land')) return;
  let gone = false;
  map.once('remove', () => (gone = true));
  const outlines = await land();
  if (!gone) void map.getSource<GeoJSONSource>('land')?.setData(outlines);
}

/** The colours of the page, when they change. */
function repaint(map: GlMap): void {
  for (const layer of ownStyle().layers) {
    if (!map.getLayer(layer.id)) continue; // the ground is somebody else's
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as never, value as never);
  }
}
