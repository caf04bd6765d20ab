// After `vite build`: compresses what compresses, and holds the first page against its limit.
//
// The server sends the .br file to whoever takes it; the original stays for the others.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url).pathname;
// Of all scripts and styles that the sign-in page and the overview load, gzipped.
const LIMIT = 350_000;

const files = readdirSync(DIST, { recursive: true })
  .map(String)
  .filter((name) => statSync(join(DIST, name)).isFile());
for (const name of files.filter((name) => /\.(js|css|svg)$/.test(name))) {
  const bytes = readFileSync(join(DIST, name));
  if (bytes.length < 1_000) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(DIST, `${name}.br`), brotliCompressSync(bytes, { params }));
}

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));
const wanted = new Set();
const want = (key) => {
  const chunk = manifest[key];
  if (!chunk || wanted.has(chunk.file)) return;
  wanted.add(chunk.file);
  for (const style of chunk.css ?? []) wanted.add(style);
  for (const other of chunk.imports ?? []) want(other);
};
for (const entry of ['index.html', 'src/pages/overview.tsx', 'src/ui/plot-hours.tsx']) {
  if (!manifest[entry]) throw new Error(`the build has no ${entry}: mend scripts/finish.mjs`);
  want(entry);
}
const sizes = [...wanted].map((name) => [gzipSync(readFileSync(join(DIST, name))).length, name]);
const total = sizes.reduce((sum, [bytes]) => sum + bytes, 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`first page: ${kb(total)} gzip of at most ${kb(LIMIT)}, in ${sizes.length} files`);
if (total > LIMIT) {
  for (const [bytes, name] of sizes.sort(([a], [b]) => b - a)) console.error(`  ${kb(bytes)}  ${name}`);
  throw new Error(`the first page is larger than ${kb(LIMIT)} gzip`);
}
