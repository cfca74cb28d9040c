import { signal } from '@preact/signals';
import { remembered } from '@shared/remembered';

/** What waited on this phone to be sent. */
export interface Kept {
  unsent: number;
  files: number;
}

/** What was not sent when the browser cleared this phone's storage; null when nothing was lost, or it was read. */
export const lost = signal<Kept | null>(null);

/** Whether this phone is new to its person, who has not read yet what is known of their other ones. */
export const stranger = signal(false);

// Small things are remembered in another place than the rows and photos, which is why one may outlive the other.
const held = (deviceId: string) => `field.kept.${deviceId}`;
const missed = (deviceId: string) => `field.lost.${deviceId}`;
const acquainted = (deviceId: string) => `field.met.${deviceId}`;

/** Call with the storage just opened: one that is `blank` although something was kept here was cleared by the browser. */
export function lookForLoss(deviceId: string, blank: boolean): void {
  const known = blank ? remembered.read(held(deviceId)) : null;
  if (known) remembered.write(missed(deviceId), known);
  lost.value = JSON.parse(remembered.read(missed(deviceId)) ?? 'null') as Kept | null;
  if (!blank && remembered.read(acquainted(deviceId)) !== 'new') meet(deviceId);
  stranger.value = !known && remembered.read(acquainted(deviceId)) !== 'yes';
  if (stranger.value) remembered.write(acquainted(deviceId), 'new');
}

/** The phone is a stranger no more: its person has read of the others, or there are none. */
export function meet(deviceId: string): void {
  remembered.write(acquainted(deviceId), 'yes');
  stranger.value = false;
}

/** Writes down what waits here, so that it can be told if it disappears; null: nothing is kept any more. */
export function noteKept(deviceId: string, kept: Kept | null): void {
  const written = kept && JSON.stringify(kept);
  if (remembered.read(held(deviceId)) !== written) remembered.write(held(deviceId), written);
}

/** It was read. */
export function dismissLoss(deviceId: string): void {
  remembered.write(missed(deviceId), null);
  lost.value = null;
}
