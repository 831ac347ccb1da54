import type { NextConfig } from 'next';

const config: NextConfig = { output: 'standalone', serverExternalPackages: ['latchkey'] };
export default config;
