import { signal } from '@preact/signals';
import { propose } from '../data/assigning';
import { may } from '../data/calls';
import { PLANNED } from '../data/risk';
import type { Visit } from '../data/shapes';

const FAR_ENOUGH = 6; // pixels before a press becomes a drag
const STEP_MS = 5 * 60_000;

/** The visit on its way, where the pointer is, and over whom. `offset`: how far into the bar it was taken, ms. */
export const dragged = signal<{ visit: Visit; x: number; y: number; over: string | null; start: number | null } | null>(null);

/** How the board turns a point of the screen into an engineer and a moment; null when there is no board. */
export const board: { at: ((x: number, y: number) => { engineer_id: string; moment: number } | null) | null } = { at: null };

/** Begins a drag of a visit, once the pointer moves far enough. A press without moving stays a click. */
export function grab(down: PointerEvent, visit: Visit, offset = 0): void {
  if (down.button || !board.at || !may('dispatch.assign') || !PLANNED.has(visit.status)) return;
  const [x0, y0] = [down.clientX, down.clientY];
  const move = (event: PointerEvent) => {
    const { clientX: x, clientY: y } = event;
    if (!dragged.value && Math.hypot(x - x0, y - y0) < FAR_ENOUGH) return;
    event.preventDefault();
    const place = board.at?.(x, y) ?? null;
    const start = place && Math.round((place.moment - offset) / STEP_MS) * STEP_MS;
    dragged.value = { visit, x, y, over: place?.engineer_id ?? null, start };
  };
  const end = (event: Event) => {
    for (const [name, heard] of heards) removeEventListener(name, heard as EventListener);
    const drop = dragged.value;
    dragged.value = null;
    if (!drop) return;
    addEventListener('click', swallow, { capture: true, once: true }); // the release is no click
    setTimeout(() => removeEventListener('click', swallow, { capture: true }));
    if (event.type === 'pointerup' && drop.over && drop.start) {
      void propose({ visit, engineer_id: drop.over, start: new Date(drop.start).toISOString() });
    }
  };
  const escape = (event: KeyboardEvent) => event.key === 'Escape' && end(event);
  const heards = [['pointermove', move], ['pointerup', end], ['pointercancel', end], ['keydown', escape]] as const;
  for (const [name, heard] of heards) addEventListener(name, heard as EventListener);
}

const swallow = (event: Event): void => (event.stopPropagation(), event.preventDefault());
