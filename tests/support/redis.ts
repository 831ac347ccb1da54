/** Where the Redis of this test run is; unset in a quick run. */
export const REDIS_URL = process.env['LATCHKEY_TEST_REDIS'];
