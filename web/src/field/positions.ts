import { signal } from '@preact/signals';
import { api, session } from '@shared/api';
import { remembered } from '@shared/remembered';
import { own } from './data/own';
import type { Point } from './data/rows';

/** Whether this person lets the office see where the phone is while a visit is under way. Off until chosen. */
export const sharing = signal(remembered.read('field.sharing') === 'yes');
/** Whether the phone may look where it is to propose arriving and leaving; that stays on the phone. Off until chosen. */
export const proposing = signal(remembered.read('field.proposing') === 'yes');
/** Whether the phone is looking where it is at this moment. */
export const following = signal(false);
/** Why no position comes although it is wanted. */
export const noPosition = signal<'denied' | 'unavailable' | null>(null);

/** Metres to a place, and the metres of doubt about the phone's own. */
export interface Distance {
  metres: number;
  doubt: number;
}
interface Fix {
  at: string;
  lat: number;
  lon: number;
  accuracy: number;
}
const KEY = 'fixes';
const CONSENT = 'consent'; // what the server has not been told yet
const EVERY_MS = 30_000;
const MOST = 2_000;
const BATCH = 50;
const FRESH_MS = 120_000;
/** Where the phone was last found, by the better of two positions of the same half minute. */
const newest = signal<Fix | null>(null);
let watching: number | null = null;

/** Turns the switch; the server is told with the next round. Turning it off forgets what was not sent. */
export async function share(wanted: boolean): Promise<void> {
  sharing.value = wanted;
  remembered.write('field.sharing', wanted ? 'yes' : null);
  await own().kept.put(wanted, CONSENT);
  if (!wanted) await own().kept.delete(KEY);
}

/** Turns the proposals on or off. */
export function propose(wanted: boolean): void {
  proposing.value = wanted;
  remembered.write('field.proposing', wanted ? 'yes' : null);
}

/** Follows the phone while `underWay` and its person agrees; at any other time nothing is asked and nothing kept. */
export function follow(underWay: boolean): void {
  const wanted = underWay && (sharing.value || proposing.value) && 'geolocation' in navigator;
  if (wanted && watching === null) {
    watching = navigator.geolocation.watchPosition(found, failed, { enableHighAccuracy: true, maximumAge: 10_000 });
  } else if (!wanted && watching !== null) {
    navigator.geolocation.clearWatch(watching);
    watching = newest.value = null;
  }
  following.value = watching !== null;
}

/** Where the phone is, for the office: only what may be shared, and was found in the last two minutes. Nobody waits for it. */
export function here(): Point | null {
  const fix = sharing.value ? fresh() : null;
  return fix && { type: 'Point', coordinates: [fix.lon, fix.lat] };
}

/** Where the phone is, for what it draws itself; null when that is not known, or not wanted. Stays on the phone. */
export function myPlace(): Point | null {
  const fix = fresh();
  return fix && { type: 'Point', coordinates: [fix.lon, fix.lat] };
}

function fresh(): Fix | null {
  return newest.value && Date.now() - Date.parse(newest.value.at) <= FRESH_MS ? newest.value : null;
}

/** How far a place is from the phone; null when the phone does not know where it is. Stays on the phone. */
export function distanceTo(target: Point): Distance | null {
  const fix = fresh();
  if (!fix) return null;
  const [lon, lat] = target.coordinates;
  const east = (lon - fix.lon) * Math.cos((lat * Math.PI) / 180);
  return { metres: Math.hypot(east, lat - fix.lat) * 111_195, doubt: fix.accuracy };
}

/** Sends what has gathered; what cannot be sent waits for the next time. */
export async function sendPositions(): Promise<void> {
  if (!session.signedIn) return;
  await tellConsent();
  const fixes = ((await own().kept.get(KEY)) ?? []) as Fix[];
  if (!fixes.length) return;
  const { response } = await api.POST('/api/v1/positions', { body: { positions: fixes.slice(0, BATCH) } });
  if (!response.ok && response.status >= 500) return;
  await own().transaction('rw', own().kept, async () => {
    const now = ((await own().kept.get(KEY)) ?? []) as Fix[];
    await own().kept.put(now.slice(Math.min(BATCH, fixes.length)), KEY);
  });
}

async function tellConsent(): Promise<void> {
  const consent = (await own().kept.get(CONSENT)) as boolean | undefined;
  if (consent === undefined) return;
  const { response } = await api.PUT('/api/v1/me/tracking-consent', { body: { consent } });
  if (response.ok) await own().kept.delete(CONSENT);
}

function found({ coords, timestamp }: GeolocationPosition): void {
  noPosition.value = null;
  const fix = { at: new Date(timestamp).toISOString(), lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy };
  const last = newest.value;
  const due = !last || timestamp - Date.parse(last.at) >= EVERY_MS;
  if (due && sharing.value) void keep(fix);
  if (due || moved(last, fix) || fix.accuracy <= last.accuracy) newest.value = fix;
}

/** Whether a position says more than that the last one was inexact. */
function moved(last: Fix, now: Fix): boolean {
  const away = Math.hypot((now.lon - last.lon) * Math.cos((now.lat * Math.PI) / 180), now.lat - last.lat) * 111_195;
  return away > last.accuracy + now.accuracy;
}

function failed(error: GeolocationPositionError): void {
  noPosition.value = error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable';
}

async function keep(fix: Fix): Promise<void> {
  await own().transaction('rw', own().kept, async () => {
    const fixes = ((await own().kept.get(KEY)) ?? []) as Fix[];
    await own().kept.put([...fixes, fix].slice(-MOST), KEY);
  });
}
