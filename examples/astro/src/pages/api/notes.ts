import type { APIRoute } from 'astro';
import { signedIn } from 'latchkey/astro';
import { addNote, notesOf } from '../../notes.ts';

export const GET: APIRoute = ({ locals }) => Response.json(notesOf(signedIn(locals).user.id));

export const POST: APIRoute = async ({ locals, request }) => {
  const { user } = signedIn(locals);
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
};
