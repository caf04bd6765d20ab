/**
 * OpenID providers for Weir's tests: real ones (oidc-provider), whose people sign in without a page.
 *
 *     node crates/testkit/oidc/weir_oidc.mjs CONTROL_PORT
 *
 * A test speaks to http://127.0.0.1:CONTROL_PORT. Tests share the providers, so each has people of its own.
 *
 * GET  /              {"full", "lean", "client_id", "client_secret"}: two issuers; `full` tells everything in the ID
 *                     token, `lean` only at its userinfo endpoint
 * PUT  /people/SUB    claims, as in {"email": "ana@example.com", "email_verified": true, "groups": ["sap"]}
 * POST /rotate        new keys for both
 *
 * Whose cookie `person` says SUB, signs in as SUB; whoever has none denies.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const HOST = '127.0.0.1';
const CLIENT = { client_id: 'weir', client_secret: 'c0rrect horse battery' };
const SCOPES = 'openid email profile groups';
const people = new Map();

function key() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
}

function provider(issuer, lean) {
  const made = new Provider(issuer, {
    clients: [{
      ...CLIENT,
      redirect_uris: [`http://${HOST}/sso/callback`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    }],
    jwks: { keys: [key()] },
    cookies: { keys: ['of these tests'] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username'],
      groups: ['groups'],
    },
    conformIdTokenClaims: lean,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      const grant = new made.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
  });
  // Any port of this machine.
  made.Client.prototype.redirectUriAllowed = (uri) => new URL(uri).hostname === HOST;
  const usual = made.callback();
  return (request, answer) => {
    if (!request.url.startsWith('/interaction/')) return usual(request, answer);
    const person = /(?:^|; )person=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const result = person === undefined
      ? { error: 'access_denied', error_description: 'no <b>person</b> is there' }
      : { login: { accountId: person } };
    return made.interactionFinished(request, answer, result);
  };
}

async function listen(handler, port = 0) {
  const server = createServer(handler);
  await new Promise((done) => server.listen(port, HOST, done));
  return server;
}

async function issuer(lean) {
  const served = {};
  const server = await listen((request, answer) => served.handler(request, answer));
  const url = `http://${HOST}:${server.address().port}`;
  const rotate = () => { served.handler = provider(url, lean); };
  rotate();
  return { url, rotate };
}

const full = await issuer(false);
const lean = await issuer(true);

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

await listen(async (request, answer) => {
  const { method, url } = request;
  if (method === 'GET') {
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify({ full: full.url, lean: lean.url, ...CLIENT }));
    return;
  }
  if (method === 'PUT' && url.startsWith('/people/')) people.set(url.slice('/people/'.length), await body(request));
  if (method === 'POST' && url === '/rotate') for (const each of [full, lean]) each.rotate();
  answer.statusCode = 204;
  answer.end();
}, Number(process.argv[2]));
