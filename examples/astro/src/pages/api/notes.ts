import type { APIRoute } from 'astro';
import { admitted } from 'latchkey/astro';
import { addNote, notesOf } from '../../notes.ts';

export const GET: APIRoute = ({ locals }) => Response.json(notesOf(admitted(locals).user.id));

export const POST: APIRoute = async ({ locals, request }) => {
  const { user, token } = admitted(locals);
  // The list of guarded paths asks for `notes:read` alone; a session has every scope.
  if (token !== null && !token.scopes.includes('notes:write')) return new Response(null, { status: 403 });
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
};
