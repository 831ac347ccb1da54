import { access, loginRequired } from 'latchkey/react-router';
import { latchkey } from '../auth.server.ts';
import { addNote, notesOf } from '../notes.server.ts';
import type { Route } from './+types/api-notes';

// API clients with a token are admitted, too.
export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey, { scope: 'notes:read' })];

export const loader = ({ context }: Route.LoaderArgs) => Response.json(notesOf(context.get(access).user.id));

export async function action({ context, request }: Route.ActionArgs) {
  const { user, token } = context.get(access);
  // The middleware of the route asks for `notes:read` alone; a session has every scope.
  if (token !== null && !token.scopes.includes('notes:write')) return new Response(null, { status: 403 });
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
}
