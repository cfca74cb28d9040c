import { useEffect, useState } from 'preact/hooks';
import { session } from '@shared/api';

/** A photo, fetched with the user's credential. */
export function Thumbnail({ id, label }: { id: string; label: string }) {
  const [source, setSource] = useState<string | null>(null);
  useEffect(() => {
    let url: string | null = null;
    let gone = false;
    void session
      .fetch(new Request(`${location.origin}/api/v1/media/${id}/thumbnail?size=320`))
      .then((answer) => (answer.ok ? answer.blob() : null))
      .then((blob) => {
        if (!blob || gone) return;
        url = URL.createObjectURL(blob);
        setSource(url);
      })
      .catch(() => null); // the line of the timeline says that there is a photo
    return () => {
      gone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [id]);
  return source ? <img class="thumbnail" src={source} alt={label} /> : null;
}
