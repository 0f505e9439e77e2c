import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The server answers with a Content-Security-Policy without inline scripts, styles or data
// fonts, so nothing is inlined into index.html and no module-preload polyfill is written.
export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '^/(api|openapi.json|healthz|readyz|metrics)': 'http://127.0.0.1:8360' } },
});
