export { proxy } from './auth';

export const config = { matcher: ['/notes/:path*', '/summary', '/danger', '/api/:path*'] };
