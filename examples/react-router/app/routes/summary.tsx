import { loginRequired } from 'latchkey/react-router';
import { latchkey, port } from '../auth.server.ts';
import type { Route } from './+types/summary';

export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey)];

export async function loader({ request }: Route.LoaderArgs) {
  const cookie = request.headers.get('cookie') ?? '';
  const api = await fetch(`http://localhost:${port}/api/notes`, { headers: { cookie } });
  const list: unknown = await api.json();
  return { count: Array.isArray(list) ? list.length : 0 };
}

export default function Summary({ loaderData: { count } }: Route.ComponentProps) {
  return <p>Notes: {count}</p>;
}
