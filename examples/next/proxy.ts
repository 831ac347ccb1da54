export { proxy } from './auth';

// The API guards itself: a proxy admits no API tokens.
export const config = { matcher: ['/notes/:path*', '/summary', '/danger'] };
