// Writes generated/openapi.d.ts from the server's own OpenAPI document. It is made anew for each type check and never
// committed, so it cannot be stale. CALLOUT_PYTHON names another Python than that of the checkout's environment.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env.CALLOUT_PYTHON ?? `${checkout}.venv/bin/python`;
const document = execFileSync(python, ['-m', 'app.cli.openapi'], { cwd: checkout, maxBuffer: 1 << 26 });
const types = astToString(await openapiTS(JSON.parse(document), { defaultNonNullable: false }));
mkdirSync(new URL('../generated/', import.meta.url), { recursive: true });
writeFileSync(new URL('../generated/openapi.d.ts', import.meta.url), types);
