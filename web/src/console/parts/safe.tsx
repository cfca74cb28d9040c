import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { dictionary } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';

const t = dictionary(
  { broken: 'This part of the page cannot be shown. Nothing that was sent is lost.', again: 'Load again' },
  { broken: '页面的这一部分无法显示。已发送的内容不会丢失。', again: '重新加载' },
);

/** What cannot be drawn says so, and the rest of the desk goes on; another `of` is tried anew. */
export function Safe({ of, children }: { of: string; children: ComponentChildren }) {
  const [fault, again] = useErrorBoundary((error) => console.error(error));
  useEffect(again, [of]);
  if (!fault) return <>{children}</>;
  return (
    <div class="empty">
      <Notice kind="bad">{t('broken')} <Button onClick={() => location.reload()}>{t('again')}</Button></Notice>
    </div>
  );
}
