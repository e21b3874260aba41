/** A time-stamping authority on this machine: openssl with a certificate authority of its own, made for one test. */

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeDirectory } from "./sealed-store.ts";

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

export interface LocalAuthority {
  /** The certificate of the certificate authority, as PEM. */
  readonly trusted: string;
  readonly caFile: string;
  /** Answers a TimeStampReq. */
  reply(request: Uint8Array): Uint8Array;
  /** Signs any content as a time-stamp, with the forger's certificate: what openssl as an authority refuses to do. */
  forge(content: Uint8Array, options: { readonly namesCertificate: boolean; readonly digest?: string }): Uint8Array;
  /** Whether openssl accepts a token over a text. */
  accepts(token: Uint8Array, text: string): boolean;
}

export interface AuthorityOptions {
  /** The TSA's extended key usage; critical time-stamping unless said otherwise. */
  readonly usage?: string;
  /** `ec` on P-256 unless said otherwise: making an RSA key takes half a second. */
  readonly key?: "rsa" | "ec";
  /** Of the certificate that `forge` signs with. */
  readonly forgerUsage?: string;
  readonly digest?: "sha1" | "sha256" | "sha512";
  /** What the certificate is hashed with in the signature; sha1 makes it a version 1 attribute. */
  readonly certificateDigest?: "sha1" | "sha256";
}

export function createLocalAuthority(options: AuthorityOptions = {}): LocalAuthority {
  const { usage = "critical,timeStamping", key = "ec", digest = "sha256", certificateDigest = "sha256" } = options;
  const directory = makeDirectory();
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  const newKey =
    key === "rsa" ? ["-newkey", "rsa:2048"] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  writeFileSync(
    at("openssl.cnf"),
    `[req]\ndistinguished_name = name\n[name]\n[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n` +
      `[tsa]\nbasicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = ${usage}\n` +
      `[ts]\ndefault_tsa = ts_default\n[ts_default]\nserial = ${at("serial")}\nsigner_cert = ${at("tsa.pem")}\ncerts = ${at("ca.pem")}\n` +
      `signer_key = ${at("tsa.key")}\nsigner_digest = ${digest}\ndefault_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\n` +
      `ess_cert_id_chain = no\ness_cert_id_alg = ${certificateDigest}\n`,
  );
  writeFileSync(at("serial"), "01\n");
  openssl(
    "req",
    "-x509",
    "-config",
    "openssl.cnf",
    "-extensions",
    "ca",
    ...newKey,
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "3650",
    "-subj",
    "/CN=Test CA",
  );
  const issue = (name: string, extensions: string): void => {
    openssl(
      "req",
      "-new",
      "-config",
      "openssl.cnf",
      ...newKey,
      "-nodes",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=Test ${name.toUpperCase()}`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-extfile",
      extensions,
      "-extensions",
      "tsa",
      "-out",
      `${name}.pem`,
      "-days",
      "365",
    );
  };
  issue("tsa", "openssl.cnf");
  if (options.forgerUsage !== undefined) {
    // Now, because a certificate has to be older than what is signed with it.
    const purposes = options.forgerUsage === "" ? "" : `extendedKeyUsage = ${options.forgerUsage}\n`;
    writeFileSync(
      at("forger.cnf"),
      `[tsa]\nbasicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\n${purposes}`,
    );
    issue("forger", "forger.cnf");
  }
  return {
    trusted: readFileSync(at("ca.pem"), "utf8"),
    caFile: at("ca.pem"),
    reply(request) {
      writeFileSync(at("request.tsq"), request);
      openssl(
        "ts",
        "-reply",
        "-config",
        "openssl.cnf",
        "-section",
        "ts_default",
        "-queryfile",
        "request.tsq",
        "-out",
        "reply.tsr",
      );
      return new Uint8Array(readFileSync(at("reply.tsr")));
    },
    forge(content, { namesCertificate, digest: forgedDigest = "sha256" }) {
      writeFileSync(at("content.der"), content);
      const named = namesCertificate ? ["-cades"] : [];
      const to = [
        "-outform",
        "DER",
        "-out",
        "forged.der",
        "-econtent_type",
        "1.2.840.113549.1.9.16.1.4",
        "-md",
        forgedDigest,
      ];
      openssl(
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-in",
        "content.der",
        "-signer",
        "forger.pem",
        "-inkey",
        "forger.key",
        ...named,
        ...to,
      );
      return new Uint8Array(readFileSync(at("forged.der")));
    },
    accepts(token, text) {
      writeFileSync(at("token.der"), token);
      writeFileSync(at("text"), text);
      return (
        spawnSync("openssl", [
          "ts",
          "-verify",
          "-in",
          at("token.der"),
          "-token_in",
          "-data",
          at("text"),
          "-CAfile",
          at("ca.pem"),
        ]).status === 0
      );
    },
  };
}
