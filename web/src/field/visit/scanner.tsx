import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '@shared/ui';
import { t } from './words';

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = new () => Detector;
const LOOK_MS = 250;

const detector = () => (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

/** Whether this browser reads barcodes by itself. */
export function canScan(): boolean {
  return Boolean(detector() && navigator.mediaDevices);
}

/** The camera, looking for a barcode or QR code; it goes off with the first. */
export function Scanner({ onFound }: { onFound: (code: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [blind, setBlind] = useState(false);
  useEffect(() => {
    const found = new AbortController();
    look(video.current!, found.signal).then((code) => code && onFound(code), () => setBlind(true));
    return () => found.abort();
  }, []);
  if (blind) return <Notice kind="warn">{t('noCamera')}</Notice>;
  return <video ref={video} class="scanner" muted playsInline />;
}

/** The first code that is seen; null once it is `over`. Raises what the browser says when there is no camera. */
async function look(video: HTMLVideoElement, over: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    video.srcObject = stream;
    await video.play();
    const eye = new (detector()!)();
    while (!over.aborted) {
      const [code] = await eye.detect(video).catch(() => []);
      if (code) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
