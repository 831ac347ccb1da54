import { signedIn } from 'latchkey/sveltekit';
import { addNote, notesOf } from '../../../notes.server.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => Response.json(notesOf(signedIn(locals).user.id));

export const POST: RequestHandler = async ({ locals, request }) => {
  const { user } = signedIn(locals);
  addNote(user.id, (await request.json()).text);
  return Response.json(notesOf(user.id), { status: 201 });
};
