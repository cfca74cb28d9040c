import { useRef } from 'preact/hooks';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { say } from '../data/toasts';

const t = dictionary({ copy: 'Copy', copied: 'Copied.', byHand: 'Press Ctrl+C to copy it.' }, { copy: '复制', copied: '已复制。', byHand: '请按 Ctrl+C 复制。' });

/** An address that is passed on: it opens in a window of its own, and is copied. */
export function Address({ url }: { url: string }) {
  const link = useRef<HTMLAnchorElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      say('good', t('copied'));
    } catch {
      getSelection()?.selectAllChildren(link.current!); // over plain HTTP the browser leaves it to a hand
      say('warn', t('byHand'));
    }
  };
  return (
    <span class="row">
      <a class="address" ref={link} href={url} target="_blank" rel="noopener noreferrer">{url}</a>
      <Button onClick={() => void copy()}>{t('copy')}</Button>
    </span>
  );
}
