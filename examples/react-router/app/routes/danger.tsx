import { loginRequired } from 'latchkey/react-router';
import { latchkey } from '../auth.server.ts';
import type { Route } from './+types/danger';

export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey, { fresh: true })];

// A page without a loader is drawn by the browser alone, and is not guarded then.
export const loader = () => null;

export default function Danger() {
  return <p>Here you may delete all notes.</p>;
}
