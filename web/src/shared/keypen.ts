import type SignaturePad from 'signature_pad';
import type { PointGroup } from 'signature_pad';

/** A pen that is led by keys: where it is, in pixels of the field, and whether it writes. */
export interface Pen {
  x: number;
  y: number;
  down: boolean;
}

const STEP = 8;
const WAYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
};

/** The pen after a key: the space bar lifts it or puts it down, arrows lead it within the field. Null: not a key of its own. */
export function led(pen: Pen, key: string, width: number, height: number): Pen | null {
  if (key === ' ') return { ...pen, down: !pen.down };
  const way = WAYS[key];
  if (!way) return null;
  const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  return { ...pen, x: within(pen.x + way[0], width), y: within(pen.y + way[1], height) };
}

/** Writes the point at which the pen now is: into a new line when it was just put down. */
export function write(pad: SignaturePad, pen: Pen, newLine: boolean): void {
  const lines = pad.toData();
  const point = { x: pen.x, y: pen.y, time: Date.now(), pressure: 0.5 };
  const last = lines.at(-1);
  pad.fromData(newLine || !last ? [...lines, lineOf(pad, point)] : [...lines.slice(0, -1), { ...last, points: [...last.points, point] }]);
}

function lineOf(pad: SignaturePad, point: PointGroup['points'][number]): PointGroup {
  const { dotSize, minWidth, maxWidth, penColor, velocityFilterWeight, compositeOperation } = pad;
  return { dotSize, minWidth, maxWidth, penColor, velocityFilterWeight, compositeOperation, points: [point] };
}
