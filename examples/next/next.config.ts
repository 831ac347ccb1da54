import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'standalone',
  serverExternalPackages: ['latchkey'],
  // Its threads and data files, which Next.js does not find by itself.
  outputFileTracingIncludes: { '/**': ['./node_modules/latchkey/dist/**/*'] },
};
export default config;
