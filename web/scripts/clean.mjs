// Before `vite build`: empties `dist` but for the file that keeps the directory under version control.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const DIST = new URL('../dist/', import.meta.url).pathname;
for (const name of readdirSync(DIST)) if (name !== '.gitignore') rmSync(join(DIST, name), { recursive: true });
