/**
 * Which field names say that the value is a secret.
 *
 * A name is split into words, words that only qualify (`passwordHash`, `tokenOld`) are taken from its end, and
 * then the last word decides, sometimes with the one before it. So `accessToken` is a secret and `tokenType`,
 * `nextToken` and `tokenCount` are not.
 */

import { splitWords } from "./split-words.ts";

/**
 * What a secret name covers: `value` any text, number or structure; `plural` the same without numbers, which
 * are counts there (`tokens: 1200`); `text` texts and lists of texts, while an object is looked into. Booleans and null
 * are never secrets.
 */
export type SecretKind = "value" | "plural" | "text";

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== ""));

/** Words at the end of a name after which it still means the secret itself. */
const qualifiers = set(`value values string text raw plain plaintext clear cleartext hash hashed digest encrypted enc
  ciphertext base hex old new current previous prev before after temp temporary backup default confirmation confirm
  confirmed again repeat repeated verify copy salt hint live test prod production staging sandbox dev primary secondary`);

const passwords = set(`password passwords passwd passwds pwd pwds passphrase passphrases passcode passcodes mnemonic
  passwort kennwort contrasena contraseña senha motdepasse mdp wachtwoord haslo hasło lösenord losenord salasana
  пароль пароли 密码 密碼 パスワード 비밀번호`);

/** Names that are written as one word, with or without separators. */
const compounds = set(`apikey apikeys apitoken apisecret accesstoken refreshtoken idtoken authtoken bearertoken
  sessiontoken csrftoken xsrftoken clientsecret appsecret consumersecret secretkey privatekey privkey
  secretaccesskey signingkey encryptionkey masterkey authkey connectionstring connstring connstr setcookie
  recoverycode recoverycodes backupcode backupcodes cardnumber ccnumber ccnum creditcardnumber securitycode otpcode
  totpsecret mfasecret mfaseed totpseed otpseed webhooksecret jwtsecret sessionsecret cookiesecret phpsessid
  jsessionid sessid aspnetsessionid samlresponse samlassertion authcode seedphrase userpass dbpass authheader
  securityanswer secretanswer magiclink xamzsignature xamzsecuritytoken xgoogsignature sharedaccesssignature`);

const beforePass = set(`user db database smtp imap pop mail email ftp sftp ssh redis mysql postgres pg mongo ldap admin
  root login auth http proxy account basic my new old`);

/** What makes a token one of counting, paging or design instead of a credential. */
const beforeHarmlessToken = set(`next prev previous page pagination continuation continue cursor sync scroll start end
  skip delta marker position resume idempotency request fencing cancellation cancel lexer syntax ast unexpected stop
  eos bos pad unk mask design css color theme max min total input output prompt completion cached reasoning per num
  count used remaining erc nft native http`);

const beforeKey = set(`api secret private access signing sign encryption decryption encrypt decrypt master ssh deploy
  license licence webhook hmac aes rsa ecdsa jwt session cookie auth authentication shared service admin root server
  subscription bearer stripe openai anthropic sendgrid mailgun twilio gemini datadog symmetric wrapping verification`);

const beforeCode = set(`recovery backup verification otp totp mfa factor fa pin security access unlock reset login sms
  auth authorization authorisation authentication authenticator time magic scratch cvv cvc puk`);

const beforeSeed = set("totp otp mfa fa factor wallet master hd recovery secret authenticator");
const beforePhrase = set("pass seed recovery secret mnemonic backup");
const beforeCardNumber = set("card cc creditcard debitcard");
const harmlessCards = set("loyalty library member membership business id report score playing student staff employee");
const harmlessPins = set(`map drop location gpio led push bowling connector header chip rolling clock data reset signal
  input output power ground board message post note tab`);

/** Decides by the last word; the word before it and all words help. */
type Decide = (before: string | undefined, words: readonly string[]) => SecretKind | undefined;

const when = (condition: boolean, kind: SecretKind): SecretKind | undefined => (condition ? kind : undefined);
const isKey = (words: readonly string[]) => {
  const before = words.at(-2);
  return before !== undefined && beforeKey.has(before) && !words.includes("public") && !words.includes("publishable");
};
const isToken = (before: string | undefined) => before === undefined || !beforeHarmlessToken.has(before);
const isCardNumber: Decide = (before, words) =>
  when(
    (before !== undefined && beforeCardNumber.has(before) && !harmlessCards.has(words.at(-3) ?? "")) ||
      (before === "account" && words.at(-3) === "primary"),
    "value",
  );
const isCode: Decide = (before) => when(before !== undefined && beforeCode.has(before), "value");
const isSeed: Decide = (before) => when(before !== undefined && beforeSeed.has(before), "value");

const deciders: ReadonlyMap<string, Decide> = new Map<string, Decide>([
  ["pass", (before) => when(before === undefined || beforePass.has(before), "text")],
  ["secret", () => "value"],
  ["secrets", () => "plural"],
  ["token", (before) => when(isToken(before), "value")],
  ["tokens", (before) => when(isToken(before), "plural")],
  ["jwt", () => "text"],
  ["jwts", () => "plural"],
  ["bearer", () => "text"],
  // An access key is often an object around its id and state, unlike a private key, whose parts are the secret.
  ["key", (before, words) => (before === "access" && isKey(words) ? "text" : when(isKey(words), "value"))],
  ["keys", (_, words) => when(isKey(words), "plural")],
  ["code", isCode],
  ["codes", isCode],
  ["otp", () => "value"],
  ["totp", () => "value"],
  ["hotp", () => "value"],
  ["seed", isSeed],
  ["seeds", isSeed],
  ["phrase", (before) => when(before !== undefined && beforePhrase.has(before), "value")],
  ["pin", (before) => when(before === undefined || !harmlessPins.has(before), "value")],
  ["puk", () => "value"],
  ["cvv", () => "value"],
  ["cvc", () => "value"],
  ["cvn", () => "value"],
  ["number", isCardNumber],
  ["no", isCardNumber],
  ["num", isCardNumber],
  ["nr", isCardNumber],
  ["card", (before) => when(before === "credit" || before === "debit", "text")],
  ["cookie", () => "plural"],
  ["cookies", () => "plural"],
  ["authorization", () => "text"],
  ["authorisation", () => "text"],
  ["credentials", () => "text"],
  ["string", (before) => when(before === "connection", "value")],
  ["uri", (before) => when(before === "connection", "text")],
  ["url", (before) => when(before === "connection", "text")],
  ["sid", (before) => when(before === "connect", "text")],
  ["answer", (before) => when(before === "security" || before === "secret", "text")],
  ["link", (before) => when(before === "magic", "text")],
  ["header", (before) => when(before !== undefined && /^(?:auth(?:ori[sz]ation)?|cookie)$/.test(before), "text")],
]);

/** What the name says about its value, by its own words alone; `undefined` for an ordinary name. */
export function secretKindOfName(name: string): SecretKind | undefined {
  const all = splitWords(name);
  const words = all.filter((word) => !/^\p{N}+$/u.test(word));
  if (words.length === 0) return undefined;
  return kindOfWords(words) ?? kindOfWords(withoutQualifiers(words)) ?? when(compounds.has(all.join("")), "value");
}

function kindOfWords(words: readonly string[]): SecretKind | undefined {
  const last = words.at(-1)!;
  if (passwords.has(last)) return last.endsWith("s") ? "plural" : "value";
  if (last.length > 8 && /(?:password|passwd|passphrase)$/.test(last)) return "value";
  if (last === "accesskey") return "text";
  if (compounds.has(last)) return "value";
  return deciders.get(last)?.(words.at(-2), words);
}

function withoutQualifiers(words: readonly string[]): readonly string[] {
  let end = words.length;
  while (end > 1 && qualifiers.has(words[end - 1]!)) end -= 1;
  return words.slice(0, end);
}
