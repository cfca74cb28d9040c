import { useEffect, useRef } from 'preact/hooks';
import SignaturePad from 'signature_pad';
import { dictionary } from './i18n';
import { type Stroke, rounded } from './strokes';
import { Button } from './ui';

const t = dictionary(
  { pad: 'Field for the signature: draw with a finger', clear: 'Clear' },
  { pad: '签字区：请用手指书写', clear: '清除' },
);

/** The field for the signature. `onDrawn` gets the strokes after each of them, none after clearing. */
export function Pad({ onDrawn }: { onDrawn: (strokes: Stroke[]) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<SignaturePad | null>(null);

  useEffect(() => {
    const element = canvas.current!;
    const drawing = new SignaturePad(element, { penColor: '#000', backgroundColor: '#fff' });
    drawing.addEventListener('endStroke', () => onDrawn(rounded(drawing.toData())));
    pad.current = drawing;
    const fit = () => resize(element, drawing);
    fit();
    addEventListener('resize', fit);
    return () => {
      removeEventListener('resize', fit);
      drawing.off();
    };
  }, []);

  return (
    <div class="pad">
      <canvas ref={canvas} role="img" aria-label={t('pad')} />
      <Button onClick={() => (pad.current?.clear(), onDrawn([]))}>{t('clear')}</Button>
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
