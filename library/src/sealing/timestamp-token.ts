/**
 * Time-stamp tokens (RFC 3161): an authority's signed statement that a text existed at a time.
 *
 * A token is a CMS SignedData (RFC 5652) around a TSTInfo, which holds the SHA-256 of the text and the time. It is kept
 * as DER beside the checkpoint over whose text it was made, and verified without asking anybody: by the certificates that the
 * verifier trusts, as they were valid at the time that the token says. Whether a certificate was revoked since is not
 * looked at; a token says something about the time when it was made.
 *
 * The ASN.1 is read by pkijs, loaded when it is first needed: who uses no time-stamps never loads it.
 */

import type { Certificate, SignedData, SignerInfo, TSTInfo } from "pkijs";

import { decodeBase64, encodeHex, encodeUtf8, equalBytes } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { formatInstant } from "../base/time.ts";
import { sha256 } from "../base/sha256.ts";
import { VerificationError } from "../integrity/verification-error.ts";

export interface VerifiedTimestamp {
  /** When the text existed, as the authority says: RFC 3339. */
  readonly time: string;
  readonly timeMicros: number;
  /** Of the token, in hexadecimal: the authority can find it by this. */
  readonly serialNumber: string;
  /** The authority's policy, an object identifier. */
  readonly policy: string;
  /** The common name in the certificate that signed. */
  readonly authority: string;
}

const oids = {
  signedData: "1.2.840.113549.1.7.2",
  tstInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  extendedKeyUsage: "2.5.29.37",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  commonName: "2.5.4.3",
} as const;

/** The certificates in PEM text, as DER. Errors: `OPTION_INVALID` where there is none. */
export function parseCertificates(pem: string): readonly Uint8Array[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0)
    throw new AuditError(
      "OPTION_INVALID",
      'Cannot read certificates: expected PEM text with "-----BEGIN CERTIFICATE-----".',
    );
  return blocks.map(([, base64 = ""]) => decodeBase64(base64.replaceAll(/\s/g, "")));
}

/**
 * Returns when and by whom, for a token over that text by an authority whose certificate leads to one of `trusted` (DER).
 * Errors: `VERIFY_TIMESTAMP_INVALID`.
 *
 * @example
 * const { time } = await verifyTimestamp(checkpoint.timestamp, noteText, parseCertificates(readFileSync("tsa-ca.pem", "utf8")));
 */
export async function verifyTimestamp(
  token: Uint8Array,
  text: string,
  trusted: readonly Uint8Array[],
): Promise<VerifiedTimestamp> {
  const data = encodeUtf8(text);
  try {
    return await verifyParsed(await parseTimestampToken(token), data, trusted);
  } catch (cause) {
    if (cause instanceof VerificationError) throw cause;
    // pkijs throws errors of many kinds at what it cannot read or does not believe.
    throw invalid(`it cannot be verified: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

export interface ParsedToken {
  readonly signed: SignedData;
  readonly info: TSTInfo;
}

/** Reads a token without believing it. Errors: `VERIFY_TIMESTAMP_INVALID`, and whatever pkijs throws. */
export async function parseTimestampToken(token: Uint8Array): Promise<ParsedToken> {
  const pki = await import("pkijs");
  const asn1 = await import("asn1js");
  const { offset, result } = asn1.fromBER(copy(token));
  if (offset !== token.length) throw invalid("it is no DER, or something follows it");
  const content = new pki.ContentInfo({ schema: result });
  if (content.contentType !== oids.signedData) throw invalid("it is no signed data");
  const signed = new pki.SignedData({ schema: content.content });
  const { eContentType, eContent } = signed.encapContentInfo;
  if (eContentType !== oids.tstInfo || eContent === undefined) throw invalid("what is signed is no time-stamp");
  return { signed, info: pki.TSTInfo.fromBER(eContent.getValue()) };
}

async function verifyParsed(
  { signed, info }: ParsedToken,
  data: Uint8Array,
  trusted: readonly Uint8Array[],
): Promise<VerifiedTimestamp> {
  const pki = await import("pkijs");
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  if (hashAlgorithm.algorithmId !== oids.sha256) throw invalid("it is not over a SHA-256");
  if (!equalBytes(hashedMessage.valueBlock.valueHexView, sha256(data))) throw invalid("it is over another text");
  const [signer, ...others] = signed.signerInfos;
  if (signer === undefined || others.length > 0) throw invalid("it has not exactly one signature");
  assertStrongDigest(signer);
  const trustedCerts = trusted.map((der) => pki.Certificate.fromBER(copy(der)));
  const { signatureVerified, signerCertificateVerified, signerCertificate } = await signed.verify({
    ...{
      signer: 0,
      data: copy(data),
      checkChain: true,
      trustedCerts,
      passedWhenNotRevValues: true,
      extendedMode: true,
    },
    checkDate: info.genTime,
  });
  if (signatureVerified !== true || signerCertificateVerified !== true || !signerCertificate)
    throw invalid("its signature does not match");
  assertTimeStampingCertificate(signerCertificate);
  await assertSignedCertificate(signer, signerCertificate);
  const timeMicros = info.genTime.getTime() * 1000;
  return {
    ...{ time: formatInstant(timeMicros), timeMicros, policy: info.policy },
    serialNumber: encodeHex(new Uint8Array(info.serialNumber.valueBlock.valueHexView)),
    authority: commonName(signerCertificate),
  };
}

/** MD5 and SHA-1 can be made to collide: a token over one text could be turned into one over another. */
function assertStrongDigest({ digestAlgorithm }: SignerInfo): void {
  const strong: readonly string[] = [oids.sha256, oids.sha384, oids.sha512];
  if (!strong.includes(digestAlgorithm.algorithmId)) throw invalid("it is signed over a weak or unknown digest");
}

/** RFC 3161 section 2.3: the certificate is for time-stamping, for nothing else, and says so critically. */
function assertTimeStampingCertificate(certificate: Certificate): void {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === oids.extendedKeyUsage);
  const purposes = (usage?.parsedValue as { readonly keyPurposes?: readonly string[] } | undefined)?.keyPurposes ?? [];
  if (usage?.critical === true && purposes.length === 1 && purposes[0] === oids.timeStamping) return;
  throw invalid("the certificate that signed it is not one for time-stamping alone");
}

/**
 * RFC 3161 section 2.4.1 and RFC 5816: the certificate's hash is under the signature, so that no other certificate for the
 * same key can be put in its place; and what is signed says that it is a time-stamp (RFC 5652 section 11.1).
 */
async function assertSignedCertificate({ signedAttrs }: SignerInfo, certificate: Certificate): Promise<void> {
  const attributes = signedAttrs?.attributes ?? [];
  const contentType = attributes.find(({ type }) => type === oids.contentType)?.values[0] as unknown as
    | Block
    | undefined;
  if (contentType?.valueBlock.toString() !== oids.tstInfo) throw invalid("its signature is not over a time-stamp");
  const signing =
    attributes.find(({ type }) => type === oids.signingCertificateV2) ??
    attributes.find(({ type }) => type === oids.signingCertificate);
  if (signing === undefined) throw invalid("its signature does not name the certificate");
  const { algorithm, hash } = readCertificateId(
    signing.values[0] as unknown as Block,
    signing.type === oids.signingCertificate,
  );
  const der = new Uint8Array(certificate.toSchema(false).toBER(false));
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, der));
  if (!equalBytes(digest, hash)) throw invalid("its signature names another certificate");
}

/** The part of asn1js's blocks that is used, which its types do not tell apart. */
interface Block {
  readonly idBlock: { readonly tagNumber: number; readonly tagClass: number };
  readonly valueBlock: { readonly value?: readonly Block[]; readonly valueHexView?: Uint8Array; toString(): string };
}

/** SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), … }; the first is that of the signer. */
function readCertificateId(signing: Block, isV1: boolean): { readonly algorithm: string; readonly hash: Uint8Array } {
  const fields = signing.valueBlock.value?.[0]?.valueBlock.value?.[0]?.valueBlock.value ?? [];
  const octetString = fields.find(({ idBlock }) => idBlock.tagClass === 1 && idBlock.tagNumber === 4);
  const named = fields[0] === octetString ? undefined : fields[0]?.valueBlock.value?.[0]?.valueBlock.toString();
  // Version 1 is SHA-1 always; version 2 is SHA-256 where it names none.
  const algorithm = isV1 ? "SHA-1" : digestNames[named ?? oids.sha256];
  if (octetString?.valueBlock.valueHexView === undefined || algorithm === undefined)
    throw invalid("it names its certificate in a form that is not known");
  return { algorithm, hash: octetString.valueBlock.valueHexView };
}

const digestNames: Readonly<Record<string, string>> = {
  [oids.sha1]: "SHA-1",
  [oids.sha256]: "SHA-256",
  [oids.sha384]: "SHA-384",
  [oids.sha512]: "SHA-512",
};

function commonName({ subject }: Certificate): string {
  const found = subject.typesAndValues.findLast(({ type }) => type === oids.commonName);
  return found === undefined ? "" : String(found.value.valueBlock.value);
}

/** A buffer of its own, as asn1js and WebCrypto take them. */
export function copy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export function invalid(found: string, cause?: unknown): VerificationError {
  return new VerificationError(
    "VERIFY_TIMESTAMP_INVALID",
    `Cannot accept the time-stamp: ${found.replace(/\.$/, "")}.`,
    cause === undefined ? {} : { cause },
  );
}
