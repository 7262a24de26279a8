/**
 * Certificates for a stand-in server, made on the spot with Web Crypto alone.
 *
 * They are meant to be accepted by strict clients too: OpenSSL with `-x509_strict` and Python 3.13
 * refuse one without key identifiers, and Apple's libraries one that is valid for 398 days.
 */
import {
  bitString,
  type Der,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  tagged,
  time,
  utf8,
  yes,
} from "./der.ts";

/** A leaf certificate, its key and the authority that a client has to trust; all as PEM. */
export interface Certificates {
  /** The authority's certificate, for `DENO_CERT` and the like. */
  readonly ca: string;
  /** The server's certificate. */
  readonly cert: string;
  /** The server's private key (PKCS #8). */
  readonly key: string;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 90;

const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ECDSA_WITH_SHA256: Der = sequence(oid("1.2.840.10045.4.3.2"));

/**
 * Makes an authority that nobody else knows, and a certificate by it. The authority's key is
 * dropped at once, so nothing more can be signed with it.
 *
 * @param hosts Names and IP addresses (v6 without brackets) that the certificate is for.
 * @param now The present instant in milliseconds since the epoch. The certificates are valid from
 * a day before, as clocks differ, to 90 days after.
 * @returns Both certificates and the leaf's key.
 * @throws TypeError Without a host, and for one that is neither a name nor an address.
 *
 * @example A loopback server with TLS
 * ```ts
 * const { ca, cert, key } = await makeCertificates(["127.0.0.1"]);
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
 *   () => new Response("hello"),
 * );
 * using client = Deno.createHttpClient({ caCerts: [ca] });
 * const answer = await fetch(`https://127.0.0.1:${server.addr.port}`, { client });
 * console.log(await answer.text()); // "hello"
 * ```
 */
export async function makeCertificates(
  hosts: readonly string[],
  now: number = Date.now(),
): Promise<Certificates> {
  const [first, ...others] = hosts.map(generalName);
  if (first === undefined) throw new TypeError("A certificate needs at least one host");
  const [authority, leaf] = await Promise.all([makeKeys(), makeKeys()]);
  const issuer = { name: "codex stand-in authority", keys: authority };
  const valid = sequence(time(now - DAY_MS), time(now + VALID_DAYS * DAY_MS));
  const ca = await certificate(issuer, issuer, valid, [
    // An authority for servers alone: no authority below it.
    extension("2.5.29.19", sequence(yes(), integer(new Uint8Array([0]))), "critical"),
    // keyCertSign and cRLSign.
    extension("2.5.29.15", bitString(new Uint8Array([0x06]), 1), "critical"),
  ]);
  const cert = await certificate(issuer, { name: "codex stand-in", keys: leaf }, valid, [
    extension("2.5.29.19", sequence(), "critical"),
    // digitalSignature.
    extension("2.5.29.15", bitString(new Uint8Array([0x80]), 7), "critical"),
    // serverAuth.
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", sequence(first, ...others)),
  ]);
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leaf.privateKey));
  return {
    ca: pem("CERTIFICATE", ca),
    cert: pem("CERTIFICATE", cert),
    key: pem("PRIVATE KEY", key),
  };
}

/** A name with its keys. */
interface Party {
  readonly name: string;
  readonly keys: Keys;
}

interface Keys {
  readonly privateKey: CryptoKey;
  /** The public key with its algorithm, in DER. */
  readonly info: Uint8Array;
  /** What names the key: part of its hash (RFC 7093, 2, method 1). */
  readonly id: Uint8Array;
}

async function makeKeys(): Promise<Keys> {
  const pair = await crypto.subtle.generateKey(ECDSA_P256, true, ["sign", "verify"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return {
    privateKey: pair.privateKey,
    info: new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)),
    id: new Uint8Array(await crypto.subtle.digest("SHA-256", point)).slice(0, 20),
  };
}

/** A certificate of version 3 (RFC 5280, 4.1), signed. */
async function certificate(
  issuer: Party,
  subject: Party,
  valid: Der,
  extensions: readonly Der[],
): Promise<Der> {
  const serial = crypto.getRandomValues(new Uint8Array(16));
  const toSign = sequence(
    tagged(0xa0, integer(new Uint8Array([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    valid,
    distinguishedName(subject.name),
    subject.keys.info,
    tagged(
      0xa3,
      sequence(
        ...extensions,
        extension("2.5.29.14", octetString(subject.keys.id)),
        extension("2.5.29.35", sequence(tagged(0x80, issuer.keys.id))),
      ),
    ),
  );
  const signature = new Uint8Array(
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, issuer.keys.privateKey, toSign),
  );
  // Web Crypto gives the two numbers side by side, and a certificate has them in a sequence.
  const half = signature.length / 2;
  const numbers = sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
  return sequence(toSign, ECDSA_WITH_SHA256, bitString(numbers));
}

function distinguishedName(commonName: string): Der {
  return sequence(setOf(sequence(oid("2.5.4.3"), utf8(commonName))));
}

function extension(id: string, value: Der, critical?: "critical"): Der {
  return sequence(oid(id), ...(critical === undefined ? [] : [yes()]), octetString(value));
}

/** A host as an alternative name: an address by its bytes, anything else as a DNS name. */
function generalName(host: string): Der {
  const address = addressBytes(host);
  if (address !== undefined) return tagged(0x87, address);
  if (!/^(\*\.)?[a-z\d]([\w-]*[a-z\d])?(\.[a-z\d]([\w-]*[a-z\d])?)*$/i.test(host)) {
    throw new TypeError(`Cannot make a certificate for "${host}": it is no name and no address`);
  }
  return tagged(0x82, new TextEncoder().encode(host));
}

function addressBytes(host: string): Uint8Array | undefined {
  if (/^\d+(\.\d+){3}$/.test(host)) {
    const numbers = host.split(".").map(Number);
    if (numbers.some((number) => number > 255)) {
      throw new TypeError(`Cannot make a certificate for "${host}": it is no address`);
    }
    return new Uint8Array(numbers);
  }
  if (!host.includes(":")) return undefined;
  // URL checks the address and writes it in one form only, without dotted quads.
  const normal = URL.parse(`http://[${host}]`)?.hostname.slice(1, -1);
  if (normal === undefined) {
    throw new TypeError(`Cannot make a certificate for "${host}": it is no address`);
  }
  const [before = [], after = []] = normal.split("::").map((part) => part ? part.split(":") : []);
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after].map((group) => parseInt(group, 16));
  return new Uint8Array(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function pem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
