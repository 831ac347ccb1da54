import { auth, loginRequired } from 'latchkey/react-router';
import { latchkey } from '../auth.server.ts';
import { addNote, notesOf } from '../notes.server.ts';
import type { Route } from './+types/api-notes';

export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey)];

export const loader = ({ context }: Route.LoaderArgs) => Response.json(notesOf(context.get(auth).user.id));

export async function action({ context, request }: Route.ActionArgs) {
  const { user } = context.get(auth);
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
}
