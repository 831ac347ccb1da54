import { admitted } from 'latchkey/sveltekit';
import { addNote, notesOf } from '../../../notes.server.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => Response.json(notesOf(admitted(locals).user.id));

export const POST: RequestHandler = async ({ locals, request }) => {
  const { user, token } = admitted(locals);
  // The list of guarded paths asks for `notes:read` alone; a session has every scope.
  if (token !== null && !token.scopes.includes('notes:write')) return new Response(null, { status: 403 });
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
};
