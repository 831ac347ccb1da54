import { signedIn } from 'latchkey/nuxt';
import { notesOf } from '../notes';

export default defineEventHandler((event) => notesOf(signedIn(event.context).user.id));
