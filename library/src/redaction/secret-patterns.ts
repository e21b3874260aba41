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
  "[0-9]{6,12}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", // Telegram
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

export const secretPatterns: readonly SecretPattern[] = [
  { pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g },
  { pattern: /otpauth(?:-migration)?:\/\/[^\s"'<>]*/gi },
  { pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){0,3}/g },
  { pattern: new RegExp(`(?<![A-Za-z0-9])(?:${prefixed})`, "g") },
  { pattern: /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,}/g, confirm: hasDigitAndLetter }, // OpenAI, Anthropic, OpenRouter
  { pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,40}/g }, // Microsoft Entra
  { pattern: /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9_/-]{16,}/g },
  { pattern: /(?<=discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[A-Za-z0-9_-]{30,}/g },
  { pattern: /(?<=webhook\.office\.com\/webhookb2\/)[^\s"'<>]{30,}/g },
  { pattern: /(?<=\bbearer\s{1,4})[A-Za-z0-9+/_.~-]{6,}={0,2}/gi, confirm: (found) => found.length >= 24 || /\d/.test(found) },
  { pattern: /(?<=\bbasic\s{1,4})[A-Za-z0-9+/_-]{6,}={0,2}/gi, confirm: isBasicCredential },
  // The password of a URL. It may hold an unescaped slash; a port and a path do not make one.
  { pattern: /(?<=[A-Za-z0-9]:\/\/[^\s/?#@:"'<>]{0,256}:)[^\s/?#"'<>]{1,512}(?=@)/g },
  { pattern: /(?<=[A-Za-z0-9]:\/\/[^\s/?#@:"'<>]{0,256}:)(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>@]{1,512}(?=@)/g },
];

/** Cheap test that a text may hold any of the patterns: everything above has one of these in it. */
export const shapeHint = new RegExp(
  [
    "eyJ[A-Za-z0-9_-]{6}",
    "-----BEGIN",
    "[Oo][Tt][Pp][Aa][Uu][Tt][Hh]",
    "[Bb][Ee][Aa][Rr][Ee][Rr]\\s",
    "[Bb][Aa][Ss][Ii][Cc]\\s",
    ":\\/\\/[^\\s/?#@:\"'<>]{0,256}:",
    "\\d(?:[ -]?\\d){12}",
    "\\d{6}:[A-Za-z0-9_-]{20}",
    "[a-zA-Z0-9]_[A-Za-z0-9]{8}",
    "[a-zA-Z1-9]-[A-Za-z0-9_-]{10}",
    "(?:SG|ya29|hv[sbr]|dp)\\.[A-Za-z0-9]",
    "1//0",
    "AIza",
    "dapi",
    "ATATT",
    "\\.atlasv1",
    "8Q~",
    "hooks\\.slack|discord|webhook\\.office",
    "\\$[2567ya]",
    "pat[A-Za-z0-9]{14}\\.",
    "[MNO][A-Za-z0-9_-]{23,27}\\.",
    "pbkdf2_",
  ].join("|"),
);
