import 'maplibre-gl/dist/maplibre-gl.css';
import { type GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { land } from './land';
import { ownStyle } from './layers';
import { type extent, graticule } from './shapes';
import { t } from './words';

setWorkerUrl(worker);

/** A map of our own data with outlines and graticule; null where the browser has no WebGL. */
export function drawn(container: HTMLElement, bounds: ReturnType<typeof extent>): GlMap | null {
  let map: GlMap;
  try {
    map = new GlMap({ container, style: ownStyle(), attributionControl: { customAttribution: t('attribution') }, ...(bounds ? { bounds, fitBoundsOptions: { padding: 40 } } : {}) });
  } catch {
    return null;
  }
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl(), 'bottom-left');
  const lines = () => {
    const seen = map.getBounds();
    void map.getSource<GeoJSONSource>('grid')?.setData(graticule([seen.getWest(), Math.max(-85, seen.getSouth()), seen.getEast(), Math.min(85, seen.getNorth())]));
  };
  map.on('load', () => {
    lines();
    void land().then((outlines) => map.getSource<GeoJSONSource>('land')?.setData(outlines));
  });
  map.on('moveend', lines);
  return map;
}

/** The colours of the page, when they change. */
export function repaint(map: GlMap): void {
  for (const layer of ownStyle().layers) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as never, value as never);
  }
}
