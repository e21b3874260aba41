import { describe, expect, test } from "vitest";

import { createVocabulary } from "./names.ts";

const { maskText } = createVocabulary({});

const jwt =
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc/def+\n-----END RSA PRIVATE KEY-----";
// Joined from parts, so that no scanner of this repository takes them for leaked ones.
const made = (prefix: string, length: number, alphabet = "a1B2c3D4e5F6g7H8i9J0") =>
  prefix + Array.from({ length }, (_, index) => alphabet[index % alphabet.length]).join("");

const whole: readonly (readonly [what: string, text: string])[] = [
  ["a JWT", jwt],
  [
    "an encrypted JWT",
    "eyJhbGciOiJSU0EtT0FFUCJ9.OKOawDo13gRp2ojaHV7L.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rp.XFBoMYUZodetZdvT",
  ],
  ["a PEM private key", pem],
  ["an OpenSSH private key", pem.replaceAll("RSA", "OPENSSH")],
  ["a PGP private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----"],
  ["a private key without its end", "-----BEGIN PRIVATE KEY-----\nMIIEow"],
  ["a GitHub token", made("ghp_", 36)],
  ["a fine-grained GitHub token", made("github_pat_", 60)],
  ["a GitLab token", made("glpat-", 20)],
  ["a Slack bot token", made("xoxb-", 40, "1234567890-")],
  ["a Stripe key", made("sk_live_", 24)],
  ["a Stripe webhook secret", made("whsec_", 32)],
  ["an Anthropic key", made("sk-ant-api03-", 80)],
  ["an OpenAI key", made("sk-proj-", 48)],
  ["a Google API key", made("AIza", 35)],
  ["a Google OAuth token", made("ya29.", 60)],
  ["an npm token", made("npm_", 36)],
  ["a SendGrid key", `${made("SG.", 22)}.${made("", 43)}`],
  ["a Telegram bot token", made("123456789:AA", 33)],
  ["a Hugging Face token", made("hf_", 34)],
  ["a DigitalOcean token", made("dop_v1_", 64, "0123456789abcdef")],
  ["a Vault token", made("hvs.", 24)],
  ["a Shopify token", made("shpat_", 32, "0123456789abcdef")],
  ["a Mailchimp key", made("", 32, "0123456789abcdef") + "-us12"],
  ["a bcrypt hash", made("$2b$12$", 53)],
  ["an argon2 hash", "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG"],
  ["a TOTP URI", "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example"],
  ["a card number", "4111111111111111"],
  ["a card number in groups", "5555 5555 5555 4444"],
  ["a card number with dashes", "4111-1111-1111-1111"],
  ["an American Express number", "3782 822463 10005"],
  ["a Diners number", "30569309025904"],
];

const inProse: readonly (readonly [text: string, masked: string])[] = [
  ["login failed: password=hunter2", "login failed: password=[masked]"],
  ["user=bob;password=a;b c;Server=x", "user=bob;password=[masked] c;Server=x"],
  ["password: hunter2, user: bob", "password: [masked], user: bob"],
  ["Password: correcthorse", "Password: [masked]"],
  ['{"user":"bob","password":"hun\\"ter2","n":1}', '{"user":"bob","password":"[masked]","n":1}'],
  ['"{\\"password\\":\\"hunter2\\",\\"n\\":1}"', '"{\\"password\\":\\"[masked]\\",\\"n\\":1}"'],
  ['{"pin":1234,"user":"bob"}', '{"pin":[masked],"user":"bob"}'],
  ['{"tokens":["a","b"],"n":1}', '{"tokens":[masked],"n":1}'],
  ["{ password: 'hunter2' }", "{ password: '[masked]' }"],
  [':password=>"hunter2"', ':password=>"[masked]"'],
  ["GET /a?token=abc123&page=2", "GET /a?token=[masked]&page=2"],
  [
    "https://x.example/cb?access_token=abc&state=1#id_token=def",
    "https://x.example/cb?access_token=[masked]&state=1#id_token=[masked]",
  ],
  ["https://a.blob.example/x?sv=1&sig=Ab%2Bcd&se=2", "https://a.blob.example/x?sv=1&sig=[masked]&se=2"],
  ["user%5Bpassword%5D=hunter2&user[pin]=1234", "user%5Bpassword%5D=[masked]&user[pin]=[masked]"],
  ["postgres://app:s3cr3t@db.example:5432/shop", "postgres://app:[masked]@db.example:5432/shop"],
  ["postgres://app:p@ss/w:rd@db.example/shop", "postgres://app:[masked]@db.example/shop"],
  ["redis://:s3cr3t@cache:6379", "redis://:[masked]@cache:6379"],
  ["Authorization: Bearer abc123def456", "Authorization: [masked]"],
  ["curl -H 'Authorization: Basic dXNlcjpwYXNz' x", "curl -H 'Authorization: [masked]' x"],
  ["sent Bearer abc123def456ghi to host", "sent Bearer [masked] to host"],
  ["sent Basic dXNlcjpwYXNz to host", "sent Basic [masked] to host"],
  ["Cookie: sid=abc; theme=dark\r\nHost: x", "Cookie: [masked]\r\nHost: x"],
  ["api key: abc123def", "api key: [masked]"],
  ["X-Api-Key: abc123def", "X-Api-Key: [masked]"],
  ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [masked]"],
  ["AccountName=x;AccountKey=abc==;EndpointSuffix=y", "AccountName=x;AccountKey=[masked];EndpointSuffix=y"],
  ["deploy --password hunter2 --user bob", "deploy --password [masked] --user bob"],
  ["deploy --token=abc --user bob", "deploy --token=[masked] --user bob"],
  ["<user>bob</user><password>hunter2</password>", "<user>bob</user><password>[masked]</password>"],
  ["your password is hunter2", "your password is [masked]"],
  [`got ${jwt} from x`, "got [masked] from x"],
  [`key:\n${pem}\nend`, "key:\n[masked]\nend"],
  ["paid with 4111 1111 1111 1111 today", "paid with [masked] today"],
  [
    `GET https://api.telegram.org/bot${made("123456789:AA", 33)}/getMe`,
    "GET https://api.telegram.org/bot[masked]/getMe",
  ],
  [
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "https://hooks.slack.com/services/[masked]",
  ],
  ["пароль: qwerty1", "пароль: [masked]"],
];

const untouched = [
  "Bob applied voucher SAVE10 to order 42",
  "019ab3c1-7b1e-7abc-8def-0123456789ab",
  "123456:550e8400-e29b-41d4-a716-446655440000",
  "2026-11-22T09:26:00.123456Z",
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "4bf92f3577b34da6a3ce929d0e0e4736",
  "AKIAIOSFODNN7EXAMPLE",
  "accessKeyId=AKIAIOSFODNN7EXAMPLE",
  "nextToken=abc123def456&tokenType=bearer",
  "1234567890123456", // not an issuer's
  "4111111111111112", // wrong check digit
  "1793352360123456", // microseconds
  "order 10023, total 41.11",
  "0.4111111111111111",
  "a4111111111111111",
  "+49 4111 111111",
  "basic information about the order",
  "the bearer of this voucher",
  "Unexpected token < in JSON at position 0",
  "Failed to parse token: unexpected end of input",
  "Password: must be at least 12 characters",
  "password is required",
  "Your password was changed",
  "the token is expired",
  "reset your password: click the link below",
  "Invalid api key: missing",
  "http://localhost:3000/users/@me",
  "https://example.com:8443/a@b",
  "mailto:bob@example.com",
  "https://o0.ingest.sentry.example/1",
  "pk_live_abcdefghijklmnopqrstuvwx",
  "risk-assessment-for-the-year-2026-and-later",
  "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
  "SELECT * FROM users WHERE password = $1 AND token = ?",
  "at login (/srv/app/src/password.ts:12:5)",
  "at Object.token (file:///srv/app/token.js:1:23)",
  "shopping: 3 items, outside: 2",
  "voucher code: SAVE10",
  "status code: 500",
  "key: users/1.jpg",
  "secret_name: db/main",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "v1.2.3-us1",
  "sudo: ubuntu : TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND=/usr/bin/curl -L -O https://example.com/a.deb",
  "arn:aws:secretsmanager:us-east-1:123837392027:secret:retrieve-secret-11-mekIRl",
  "SecretDeleteMessage:arn:aws:secretsmanager:us-east-1:123837392027:secret:retrieve-0:2023-07-10T12:07:00Z:Forced",
  "[masked]",
  "password=[masked]",
];

describe("maskText", () => {
  test.each(whole)("masks %s whole", (_, text) => {
    expect(maskText(text)).toBe("[masked]");
    expect(maskText(`before ${text}`)).toBe("before [masked]");
  });

  test.each(inProse)("masks only the secret in %s", (text, masked) => {
    expect(maskText(text)).toBe(masked);
    expect(maskText(masked)).toBe(masked);
  });

  test.each(untouched)("leaves %s alone", (text) => {
    expect(maskText(text)).toBe(text);
  });

  test.each([
    "eyJ",
    "sk-",
    "a.",
    "1 ",
    "password=",
    "-----BEGIN PRIVATE KEY-----",
    "://a:b",
    "token ",
    "\\",
    '"password":"',
    "<token>",
    "4111 ",
    "_",
    "bearer ",
    "ghp_",
  ])(
    "ends, on a million characters that repeat %s, long before what is quadratic would",
    { timeout: 20_000 },
    (piece) => {
      expect(maskText(piece.repeat(1_000_000 / piece.length))).toBeTypeOf("string");
    },
  );
});
