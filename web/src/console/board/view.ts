import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { day } from '../data/day';
import { type Aim, HOUR } from './frame';
import { aim, span } from './hours';

const PER_HOUR = [40, 60, 84, 120, 180, 260]; // px: an hour of work can be read from the third on
const USUAL = 2;
const NAMES = 170; // width of the column of names, px
const [NARROW, NARROW_NAMES] = [520, 104];

/**
 * What of the board is seen. It opens at now (or where the day's work begins) and keeps it there; whoever scrolls
 * aside has the moment kept that stands at the edge, however wide an hour becomes.
 */
export function useView(scroller: RefObject<HTMLDivElement | null>) {
  const [view, setView] = useState({ top: 0, height: 900, width: 1000 });
  const [zoom, setZoom] = useState(USUAL);
  const own = useRef<{ day: string; aim: Aim } | null>(null); // where the person has put it
  const put = useRef(0);
  const [from, to] = span.value;
  const names = view.width < NARROW ? NARROW_NAMES : NAMES;
  const room = Math.max(200, view.width - names - 16);
  const hours = (to - from) / HOUR;
  const width = Math.max(room, hours * PER_HOUR[zoom]!);
  const wanted = own.current?.day === day.value ? own.current.aim : aim.value;
  const scroll = () => {
    const element = scroller.current!;
    element.scrollLeft = ((wanted.moment - from) / (to - from)) * width - wanted.part * room;
    put.current = element.scrollLeft; // what the browser made of it
  };
  const moment = useRef((_left: number): number => 0);
  moment.current = (left) => from + (left / width) * (to - from);
  useLayoutEffect(scroll, [wanted.moment, wanted.part, from, to, width, room]);
  useEffect(() => {
    const element = scroller.current!;
    const measure = () => {
      if (Math.abs(element.scrollLeft - put.current) > 1) {
        put.current = element.scrollLeft;
        own.current = { day: day.peek(), aim: { moment: moment.current(element.scrollLeft), part: 0 } };
      }
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
    };
    const seen = new ResizeObserver(measure);
    seen.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => (seen.disconnect(), element.removeEventListener('scroll', measure));
  }, []);
  return {
    view, names, width, zoom: {
      closer: zoom < PER_HOUR.length - 1 ? () => setZoom(zoomed(zoom, hours, room)) : null,
      wider: hours * PER_HOUR[zoom]! > room ? () => setZoom(Math.max(0, zoom - 1)) : null,
    },
    home: () => ((own.current = null), setView({ ...view })),
  };
}

/** The next closer step that makes a difference: those at which all hours fit look the same. */
const zoomed = (zoom: number, hours: number, room: number): number => {
  const next = PER_HOUR.findIndex((px, step) => step > zoom && px * hours > room);
  return next < 0 ? PER_HOUR.length - 1 : next;
};
