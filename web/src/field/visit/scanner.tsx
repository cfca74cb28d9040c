import { useEffect, useRef } from 'preact/hooks';

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
  useEffect(() => {
    const found = new AbortController();
    void look(video.current!, found.signal).then((code) => code && onFound(code));
    return () => found.abort();
  }, []);
  return <video ref={video} class="scanner" muted playsInline />;
}

async function look(video: HTMLVideoElement, over: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => null);
  if (!stream) return null;
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
