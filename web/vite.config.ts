import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // The server writes a fresh nonce over this word in every page it sends (server/src/web/pages.ts).
  html: { cspNonce: 'NONCE_OF_THIS_PAGE' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // A data: URL would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // ECharts, which is loaded where its charts are shown.
    chunkSizeWarningLimit: 800,
    manifest: true,
    target: 'es2023',
    rolldownOptions: {
      // What index.html cannot begin without is one file: as pieces that other pages share some of, it is a twentieth larger.
      output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } },
      // Packages mark their parts for servers that render, which none does here.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
  // npm run web:dev: the pages from Vite, everything else from a Maestro on its usual port.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
