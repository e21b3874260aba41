/**
 * Secrets that are recognised by their shape alone, wherever they stand in a text.
 *
 * Every pattern is linear on hostile input: a run of token characters has one place to start from (the look-behinds),
 * and what follows is a plain class. Sources are the vendors' own documents of their token formats.
 */

/** A pattern and what it masks: the whole match, or the group named `secret`. */
export interface SecretPattern {
  readonly pattern: RegExp;
  /** A second look at a match that the pattern alone cannot decide. */
  readonly confirm?: (found: string) => boolean;
}

const prefixed = [
  "gh[pousr]_[A-Za-z0-9]{20,}", // GitHub
  "github_pat_[A-Za-z0-9_]{20,}",
  "gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.-]{20,}", // GitLab
  "xox[a-z](?:\\.xox[a-z])?-[A-Za-z0-9-]{10,}", // Slack
  "xapp-[A-Za-z0-9-]{10,}",
  "(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}", // Stripe
  "whsec_[A-Za-z0-9+/=]{20,}",
  "AIza[A-Za-z0-9_-]{35}", // Google
  "ya29\\.[A-Za-z0-9_-]{20,}",
  "GOCSPX-[A-Za-z0-9_-]{20,}",
  "1//0[A-Za-z0-9_-]{30,}",
  "npm_[A-Za-z0-9]{36}",
  "pypi-[A-Za-z0-9_-]{50,}",
  "rubygems_[0-9a-f]{48}",
  "dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", // Docker
  "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}", // SendGrid
  "key-[0-9a-f]{32}(?![0-9a-f])", // Mailgun
  "[0-9a-f]{32}-us[0-9]{1,2}(?![0-9])", // Mailchimp
  "xkeysib-[0-9a-f]{40,}[A-Za-z0-9-]*", // Brevo
  "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}", // Resend
  "[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}", // Discord
  "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", // Shopify
  "do[opr]_v1_[0-9a-f]{64}", // DigitalOcean
  "lin_(?:api|oauth)_[A-Za-z0-9]{32,}", // Linear
  "(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,})", // Notion
  "figd_[A-Za-z0-9_-]{30,}", // Figma
  "hf_[A-Za-z0-9]{30,}", // Hugging Face
  "dapi[0-9a-f]{32}", // Databricks
  "PMAK-[0-9a-f]{24}-[0-9a-f]{34}", // Postman
  "ATATT3[A-Za-z0-9_=-]{40,}", // Atlassian
  "sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}", // Square
  "sbp_[0-9a-f]{40}", // Supabase
  "sb_secret_[A-Za-z0-9_-]{20,}",
  "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9._-]{40,}", // Doppler
  "hv[sbr]\\.[A-Za-z0-9_-]{20,}", // Vault
  "[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{60,}", // Terraform
  "pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,}", // PlanetScale
  "NRAK-[A-Z0-9]{27}", // New Relic
  "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}", // Grafana
  "glc_[A-Za-z0-9+/=]{32,}",
  "sntry[su]_[A-Za-z0-9+/=_-]{30,}", // Sentry
  "pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}", // Airtable
  "AGE-SECRET-KEY-1[0-9A-Z]{50,}", // age
  "gsk_[A-Za-z0-9]{40,}", // Groq
  "xai-[A-Za-z0-9]{60,}",
  "pplx-[A-Za-z0-9]{40,}", // Perplexity
  "r8_[A-Za-z0-9]{37}", // Replicate
  "nvapi-[A-Za-z0-9_-]{40,}", // NVIDIA
  "fo1_[A-Za-z0-9_-]{40,}", // Fly
  "HRKU-[A-Za-z0-9_-]{30,}", // Heroku
  "access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f-]{27}", // Plaid
  "\\$2[abxy]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}", // bcrypt
  "\\$argon2(?:id|i|d)\\$[A-Za-z0-9$=,+/.-]{20,}",
  "\\$(?:5|6|y|7)\\$[A-Za-z0-9$=,./-]{20,}", // crypt(3)
  "pbkdf2_sha(?:1|256|512)\\$[0-9]+\\$[A-Za-z0-9$+/=]{20,}", // Django
].join("|");

const hasDigitAndLetter = (found: string) => /\d/.test(found) && /[A-Za-z]/.test(found);

/** Basic credentials are base64 of `user:password`; words after "basic" are not. */
function isBasicCredential(found: string): boolean {
  try {
    return atob(found.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")).includes(":");
  } catch {
    return false;
  }
}

function isUnmasked(found: string): boolean {
  return !found.startsWith("[masked]");
}

export const secretPatterns: readonly SecretPattern[] = [
  {
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { pattern: /otpauth(?:-migration)?:\/\/[^\s"'<>]*/gi },
  { pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){0,3}/g },
  { pattern: new RegExp(`(?<![A-Za-z0-9])(?:${prefixed})`, "g") },
  { pattern: /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,}/g, confirm: hasDigitAndLetter }, // OpenAI, Anthropic, OpenRouter
  { pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,40}/g }, // Microsoft Entra
  { pattern: /(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g }, // Telegram; 35, as a UUID has 36
  { pattern: /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9_/-]{16,}/g },
  { pattern: /(?<=discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[A-Za-z0-9_-]{30,}/g },
  { pattern: /(?<=webhook\.office\.com\/webhookb2\/)[^\s"'<>]{30,}/g },
  {
    pattern: /(?<=\bbearer\s{1,4})[A-Za-z0-9+/_.~-]{6,}={0,2}/gi,
    confirm: (found) => found.length >= 24 || /\d/.test(found),
  },
  { pattern: /(?<=\bbasic\s{1,4})[A-Za-z0-9+/_-]{6,}={0,2}/gi, confirm: isBasicCredential },
  // The password of a URL. Those of databases may hold any character unescaped; elsewhere a slash ends it, unless there
  // is no `@` before that and what is there is not a port.
  { pattern: /(?<=(?<!\bhttps?|\bwss?):\/\/[^\s/?#@:"'<>]{0,256}:)[^\s?"'<>]{1,512}(?=@)/gi, confirm: isUnmasked },
  { pattern: /(?<=[A-Za-z0-9]:\/\/[^\s/?#@:"'<>]{0,256}:)[^\s/?#"'<>]{1,512}(?=@)/g },
  {
    pattern: /(?<=[A-Za-z0-9]:\/\/[^\s/?#@:"'<>]{0,256}:)(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>@]{1,512}(?=@)/g,
    confirm: isUnmasked,
  },
];

// Each alternative starts with a character that few texts have, and looks behind only there: this test runs over every
// text of every event, and an alternation that starts with letters takes twenty times as long.
const underscored =
  "gh[pousr]|github_pat|[sr]k_live|[sr]k_test|whsec|npm|rubygems|dckr_[po]at|re|shp(?:at|ca|pa|ss)|do[opr]_v1|lin_api|lin_oauth|secret|ntn|figd|hf|sbp|pscale_tkn|pscale_pw|pscale_oauth|glsa|glc|sntry[su]|gsk|r8|fo1|pbkdf2";
const dashed =
  "gl[a-z]{2,5}|xox[a-z]|xapp|GOCSPX|pypi|key|xkeysib|sk|PMAK|sq0[a-z]{3}|NRAK|AGE-SECRET-KEY|xai|pplx|nvapi|HRKU|access-[a-z]{7,11}";

const marked = [
  `_(?<=(?:${underscored})_)[\\w-]{8}`,
  `-(?<=(?:${dashed})-)[\\w-]{8}|-us\\d|-----BEGIN`,
  String.raw`\.[\w-]{16}|:[\w-]{35}|:\/\/[^\s/?#@:"'<>]{0,256}:|\$(?:2[abxy]\$|argon2|[567y]\$)`,
  String.raw`eyJ[\w-]{6}|AIza|dapi[0-9a-f]|ATATT3|8Q~|1\/\/0`,
].join("|");

const hints: readonly [RegExp, RegExp, RegExp] = [
  new RegExp(marked),
  /[Bb](?:earer|EARER|asic|ASIC)\s|otpauth|OTPAUTH|hooks\.slack|discord|webhook\.office/,
  /\d(?:[ -]?\d){12}/,
];

/** Cheap test whether a text may hold any of the patterns, or a card number. */
export function mayHoldSecret(text: string): boolean {
  return text.length >= shortestSecret && (hints[0].test(text) || hints[1].test(text) || hints[2].test(text));
}

/** `a://:b@c` */
const shortestSecret = 9;
