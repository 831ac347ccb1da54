import { index, type RouteConfig, route } from '@react-router/dev/routes';

export default [
  index('routes/home.tsx'),
  route('notes', 'routes/notes.tsx'),
  route('api/notes', 'routes/api-notes.ts'),
  route('summary', 'routes/summary.tsx'),
  route('danger', 'routes/danger.tsx'),
  route('leave', 'routes/leave.ts'),
  // The pages of Latchkey are answered by the middleware of the root; what is left is not found.
  route('*', 'routes/not-found.tsx'),
] satisfies RouteConfig;
