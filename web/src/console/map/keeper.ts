export interface Keeper<Data> {
  take: (data: Data) => void;
  end: () => void;
}

/** Hands data on when they say something else than those before: the first at once, later ones after a rest of so many ms. */
export function keeper<Data>(put: (data: Data) => void, rest: (data: Data) => number): Keeper<Data> {
  let shown = '';
  let next: Data | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hand = () => {
    timer = undefined;
    if (next === undefined) return;
    const [data, words] = [next, JSON.stringify(next)];
    next = undefined;
    if (words === shown) return;
    shown = words;
    put(data);
    timer = setTimeout(hand, rest(data));
  };
  return {
    take: (data) => {
      next = data;
      if (timer === undefined) hand();
    },
    end: () => clearTimeout(timer),
  };
}
