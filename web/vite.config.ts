import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` serves the pages with hot reload and asks this server for data.
const server = process.env['WEIR_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  // `dist` holds a file under version control (see scripts/finish.mjs), so it is emptied there and not here.
  build: { manifest: true, sourcemap: process.env['SOURCEMAP'] === '1', target: 'es2022', emptyOutDir: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: { proxy: { '/api': { target: server, changeOrigin: false } } },
});
