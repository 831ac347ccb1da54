import { loginRequired } from 'latchkey/react-router';
import { latchkey } from '../auth.server.ts';
import type { Route } from './+types/leave';

export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey)];

export const action = async ({ request }: Route.ActionArgs) =>
  new Response(null, { status: 303, headers: await latchkey().signOut(request) });
