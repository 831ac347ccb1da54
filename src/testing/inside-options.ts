import type { Options } from '../library/options.ts';

/**
 * The options of an application without what they reach outside of the process: its database, secrets and services. So a
 * test can be given the options of production.
 */
export function insideOptions(options: Options): Options {
  const {
    database: _database,
    databaseUrl: _databaseUrl,
    secretKey: _secretKey,
    passwordPepper: _passwordPepper,
    redisUrl: _redisUrl,
    smtpUrl,
    sendMail: _sendMail,
    breachedPasswords: _breachedPasswords,
    email = smtpUrl === undefined ? undefined : 'required',
    logLevel = 'silent',
    ...others
  } = options;
  return { ...others, email, logLevel };
}
