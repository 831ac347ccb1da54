import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const port = Number(process.env['PORT'] ?? 3000);
// Without its origin, SvelteKit takes itself for https: and refuses every form on localhost.
const origin = process.env['ORIGIN'] ?? `http://localhost:${port}`;

export default defineConfig({
  plugins: [sveltekit({ adapter: adapter(), paths: { origin } })],
  server: { port, strictPort: true },
});
