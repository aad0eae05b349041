import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Failure } from '../lib/failure.mjs';

/**
 * A private key from a PEM file.
 * @param {string} file
 */
export function readPrivateKey(file) {
  let key;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch (error) {
    throw new Failure(`${file} is no private key in PEM form. \`npm run policy -- key FILE\` makes one.`, {
      cause: error,
    });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Failure(`${file} is a key for ${key.asymmetricKeyType}; Sotto signs with Ed25519.`);
  return key;
}

/**
 * The 43 characters by which a public key is written down.
 * @param {import('node:crypto').KeyObject} privateKey
 * @returns {string}
 */
export function publicKeyText(privateKey) {
  return createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '';
}

/**
 * @param {import('node:crypto').KeyObject} privateKey
 * @param {string | Uint8Array} text
 * @returns {import('../../src/policy/index.ts').Signature}
 */
export function signatureOf(privateKey, text) {
  const value = sign(null, typeof text === 'string' ? Buffer.from(text) : text, privateKey).toString('base64url');
  return { algorithm: 'Ed25519', publicKey: publicKeyText(privateKey), value };
}

/**
 * Writes a fresh key where there is none; never over one that is there.
 * @param {string} file
 */
export function makeKey(file) {
  if (existsSync(file)) throw new Failure(`${file} is there already. A key is never overwritten: choose another name.`);
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return privateKey;
}
