import { createHash } from 'node:crypto';
import { type Plugin, type Rolldown, build } from 'vite';

type Bundle = Rolldown.OutputBundle;
interface Offline {
  /** The HTML entry whose files are kept on the phone. */
  page: string;
  /** The service worker's source; it sees `FILES` (addresses) and `VERSION`, which changes with any of them. */
  worker: string;
  /** Where the built worker lies. */
  fileName: string;
  /** Files of the public folder that the page needs as well. */
  also: string[];
}

/** Builds a service worker that knows every file which one page needs, those loaded later included. */
export function offline({ page, worker, fileName, also }: Offline): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const files = [...[...needed(bundle, page)].map((name) => `/${name}`), ...also].sort();
      const html = bundle[page];
      const state = createHash('sha256').update(files.join('\n'));
      if (html?.type === 'asset') state.update(html.source);
      const define = { FILES: JSON.stringify(files), VERSION: JSON.stringify(state.digest('hex').slice(0, 12)) };
      this.emitFile({ type: 'asset', fileName, source: await compiled(worker, define) });
    },
  };
}

/** The scripts, styles and other files of `page`, found along the imports. */
function needed(bundle: Bundle, page: string): Set<string> {
  const found = new Set<string>();
  const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(`/${page}`));
  const waiting = entry ? [entry.fileName] : [];
  while (waiting.length) {
    const name = waiting.pop()!;
    const file = bundle[name];
    if (found.has(name) || !file) continue;
    found.add(name);
    if (file.type !== 'chunk') continue;
    waiting.push(...file.imports, ...file.dynamicImports);
    waiting.push(...(file.viteMetadata?.importedCss ?? []), ...(file.viteMetadata?.importedAssets ?? []));
  }
  return found;
}

async function compiled(source: string, define: Record<string, string>): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define,
    build: { write: false, modulePreload: false, rolldownOptions: { input: source, output: { format: 'iife' } } },
  });
  const [output] = Array.isArray(built) ? built : [built as Rolldown.RolldownOutput];
  return output!.output[0].code;
}
