import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { compressed } from './plugins/compressed.ts';
import { offline } from './plugins/offline.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pages = readdirSync(here('.')).filter((name) => name.endsWith('.html'));

const field = offline({
  page: 'field.html',
  worker: here('src/field/worker/index.ts'),
  fileName: 'field/worker.js',
  also: ['/icon.svg', '/field/icon-192.png', '/field/manifest.webmanifest'],
});

/** Each page in this folder is an entry of its own; `app/pages` says at which address it is served. */
export default defineConfig({
  plugins: [field, compressed()],
  resolve: { alias: { '@shared': here('src/shared'), '@server': here('../app') } },
  build: {
    target: ['chrome111', 'firefox114', 'safari16.4'],
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages.map(here) },
  },
  test: { setupFiles: ['fake-indexeddb/auto'], testTimeout: 120_000, hookTimeout: 120_000 }, // a busy machine is no failure
  server: { proxy: { '/api': process.env.CALLOUT_PUBLIC_URL ?? 'http://127.0.0.1:8000' }, fs: { allow: ['..'] } },
});
