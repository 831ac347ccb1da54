export {
  type EmailAddress,
  type EmailReading,
  type EmailRefusal,
  emailKey,
  isStoredAddress,
  mailboxKey,
  parseEmailAddress,
} from './email-address.ts';
export { nearestName } from './nearest-name.ts';
export {
  parseUsername,
  type Username,
  type UsernameReading,
  type UsernameRefusal,
  usernameKey,
  usernamePrefix,
} from './username.ts';
export { bytesToId, defineId, type Id, idSchema, idToBytes, isId, newId, UNKNOWN_ID } from './uuid.ts';
