import './styles/report.css';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import SignaturePad from 'signature_pad';
import { dictionary } from './i18n';
import { type Pen, led, write } from './keypen';
import { type Stroke, rounded } from './strokes';
import { Button } from './ui';

const t = dictionary(
  {
    pad: 'Field for the signature: draw with a finger',
    keys: 'By keyboard: the space bar puts the pen down and lifts it, the arrow keys draw.',
    down: 'The pen is down.', up: 'The pen is up.', clear: 'Clear',
  },
  {
    pad: '签字区：请用手指书写',
    keys: '使用键盘：空格键落笔或抬笔，方向键书写。',
    down: '已落笔。', up: '已抬笔。', clear: '清除',
  },
);

type PadProps = {
  /** Gets the strokes after each of them, none after clearing. */
  onDrawn: (strokes: Stroke[]) => void;
  error?: string | undefined;
};

/** The field for the signature, by finger, pointer or keys. */
export function Pad({ onDrawn, error }: PadProps) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<SignaturePad | null>(null);
  const hint = useRef<HTMLSpanElement>(null);
  const [pen, setPen] = useState<Pen | null>(null);

  useEffect(() => {
    const element = canvas.current!;
    const drawing = new SignaturePad(element, { penColor: '#000', backgroundColor: '#fff' });
    drawing.addEventListener('endStroke', () => (setPen(null), onDrawn(rounded(drawing.toData()))));
    pad.current = drawing;
    const fit = () => resize(element, drawing);
    fit();
    addEventListener('resize', fit);
    return () => {
      removeEventListener('resize', fit);
      drawing.off();
    };
  }, []);
  useEffect(() => {
    if (error) canvas.current?.focus();
  }, [error]);

  function press(event: KeyboardEvent) {
    const { offsetWidth, offsetHeight } = canvas.current!;
    const before = pen ?? { x: offsetWidth / 4, y: offsetHeight / 2, down: false };
    const now = led(before, event.key, offsetWidth, offsetHeight);
    if (!now) return;
    event.preventDefault();
    setPen(now);
    if (!now.down) return;
    write(pad.current!, now, !before.down);
    onDrawn(rounded(pad.current!.toData()));
  }

  /** Whoever comes by keyboard sees how it is used; a finger must not find the field moved. */
  function explain() {
    if (canvas.current!.matches(':focus-visible')) hint.current!.scrollIntoView({ block: 'nearest' });
  }

  function clear() {
    pad.current?.clear();
    setPen(null);
    onDrawn([]);
  }

  return (
    <div class="pad field">
      <div class="paper">
        <canvas ref={canvas} role="application" tabIndex={0} onKeyDown={press} onFocus={explain}
          aria-label={t('pad')} aria-describedby={`${id}-keys${error ? ` ${id}-error` : ''}`} />
        {pen && <span class={`pen ${pen.down ? 'down' : ''}`} style={{ left: `${pen.x}px`, top: `${pen.y}px` }} />}
      </div>
      <span ref={hint} id={`${id}-keys`} class="keys soft">{t('keys')}</span>
      <span class="hidden-text" role="status">{pen && t(pen.down ? 'down' : 'up')}</span>
      {error && <span id={`${id}-error`} class="error">{error}</span>}
      <Button onClick={clear}>{t('clear')}</Button>
    </div>
  );
}

/** As many pixels as the screen has; turning the phone keeps what was drawn. */
function resize(canvas: HTMLCanvasElement, pad: SignaturePad): void {
  const drawn = pad.toData();
  const ratio = Math.max(1, devicePixelRatio);
  canvas.width = canvas.offsetWidth * ratio;
  canvas.height = canvas.offsetHeight * ratio;
  canvas.getContext('2d')!.scale(ratio, ratio);
  pad.clear();
  pad.fromData(drawn);
}
