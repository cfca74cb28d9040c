/** A line as it was drawn: points in pixels, times in epoch milliseconds. */
export interface Stroke {
  points: { x: number; y: number; time: number; pressure: number }[];
}

/** Hundredths of a pixel are enough, and whole milliseconds. */
export function rounded(strokes: readonly Stroke[]): Stroke[] {
  const hundredths = (value: number) => Math.round(value * 100) / 100;
  return strokes.map(({ points }) => ({
    points: points.map(({ x, y, time, pressure }) => ({
      x: hundredths(x), y: hundredths(y), time: Math.round(time), pressure: hundredths(pressure),
    })),
  }));
}
